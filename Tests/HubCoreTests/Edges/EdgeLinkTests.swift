import HubCore
import Primitives
import Testing
import Wire

/// A link of `edge-1` with a matching certificate, and the moments of its life.
struct LinkFixture {
  let node: NodeName
  let hello: Hello
  let terms: LinkLimits
  var link: EdgeLink

  init(peerNames: [String] = ["edge-1", "*.example.org"]) throws {
    node = try #require(NodeName("edge-1"))
    let version = try #require(SoftwareVersion("0.1.0"))
    hello = Hello(node: node, softwareVersion: version)
    terms = LinkLimits(node: try #require(NodeName("hub")), softwareVersion: version)
    link = EdgeLink(terms: terms, peerNames: peerNames, now: .origin)
  }

  static func welcomed() throws -> LinkFixture {
    var fixture = try LinkFixture()
    let action = fixture.link.messageReceived(.hello(fixture.hello), now: .origin)
    guard case .welcome = action else {
      Issue.record("not welcomed: \(action)")
      return fixture
    }
    return fixture
  }
}

func seconds(_ seconds: Double) -> Instant { .origin.advanced(by: .seconds(seconds)) }

@Suite struct EdgeLinkTests {
  @Test("An edge whose hello matches its certificate is welcomed on the hub's terms")
  func welcome() throws {
    var fixture = try LinkFixture()
    let welcome = Welcome(
      node: fixture.terms.node, softwareVersion: fixture.terms.softwareVersion, tickIntervalMilliseconds: 17,
      pingIntervalMilliseconds: 1_000, reportIntervalMilliseconds: 5_000)
    #expect(fixture.link.hello == nil)
    #expect(
      fixture.link.messageReceived(.hello(fixture.hello), now: .origin) == .welcome(fixture.hello, welcome))
    #expect(fixture.link.hello == fixture.hello)
    #expect(fixture.link.needsSnapshot)
  }

  @Test(
    "A name that is not in the certificate is refused, and a wildcard is no name",
    arguments: [[], ["edge-2"], ["*"], ["edge-1.example.org"], ["edge-10", "edge-2"]])
  func identity(names: [String]) throws {
    var fixture = try LinkFixture(peerNames: names)
    guard case .close(let closure) = fixture.link.messageReceived(.hello(fixture.hello), now: .origin) else {
      Issue.record("the link was not closed")
      return
    }
    #expect(closure.end == .identityMismatch)
    #expect(closure.farewell?.reason == .identityMismatch)
    #expect(closure.farewell?.retryAfterMilliseconds == 60_000)
    #expect(closure.farewell?.text.contains("'edge-1'") == true)
    #expect(fixture.link.hello == nil)
  }

  @Test("Names in the certificate match in any case")
  func identityCase() throws {
    var fixture = try LinkFixture(peerNames: ["EDGE-1"])
    guard case .welcome = fixture.link.messageReceived(.hello(fixture.hello), now: .origin) else {
      Issue.record("the link was not welcomed")
      return
    }
  }

  @Test(
    "The highest version that both support is chosen; without one the link ends",
    arguments: [
      (1...1, 1...1, 1), (1...3, 2...5, 3), (2...9, 1...2, 2), (1...1, 2...3, nil), (3...4, 1...2, nil),
    ]
      as [(ClosedRange<UInt8>, ClosedRange<UInt8>, UInt8?)])
  func versions(hub: ClosedRange<UInt8>, edge: ClosedRange<UInt8>, chosen: UInt8?) throws {
    let fixture = try LinkFixture()
    var terms = fixture.terms
    terms.versions = hub
    var link = EdgeLink(terms: terms, peerNames: ["edge-1"], now: .origin)
    let hello = Hello(versions: edge, node: fixture.node, softwareVersion: fixture.terms.softwareVersion)
    switch link.messageReceived(.hello(hello), now: .origin) {
    case .welcome(_, let welcome): #expect(welcome.version == chosen)
    case .close(let closure):
      #expect(chosen == nil)
      #expect(closure.end == .versionMismatch)
      #expect(closure.farewell?.reason == .versionMismatch)
    default: Issue.record("neither welcomed nor closed")
    }
  }

  @Test("After an end that a person must mend, the edge stays away longer than after others")
  func retryAfter() {
    for end in EdgeLinkEnd.allCases {
      #expect((end.goAwayReason == nil) == [.edgeShutDown, .edgeRefused, .peerClosed].contains(end))
      #expect((0...GoAway.maximumRetryAfterMilliseconds).contains(end.retryAfterMilliseconds))
    }
    #expect(EdgeLinkEnd.identityMismatch.retryAfterMilliseconds > EdgeLinkEnd.silent.retryAfterMilliseconds)
  }
}
