import HubCore
import Primitives
import Testing
import Wire

@Suite struct EdgeRegistryTests {
  private let hello: Hello
  private let other: Hello
  private var registry = EdgeRegistry(linksMaximum: 2)

  init() throws {
    let version = try #require(SoftwareVersion("0.1.0"))
    hello = Hello(node: try #require(NodeName("edge-1")), softwareVersion: version)
    other = Hello(node: try #require(NodeName("edge-2")), softwareVersion: version)
    #expect(registry.linkEstablished(1, by: hello, from: "127.0.0.1:1", now: .origin) == .admitted)
  }

  private func report(_ workers: UInt64 = 1) -> Report {
    var report = Report()
    report[.workers] = workers
    return report
  }

  @Test("A new edge is connecting, and live from its first report on")
  mutating func life() {
    #expect(registry[hello.node]?.state == .connecting)
    #expect(registry[hello.node]?.address == "127.0.0.1:1")
    registry.reportReceived(report(4), of: hello.node, by: 1, at: 0, now: seconds(1))
    registry.reportReceived(report(5), of: hello.node, by: 1, at: 0, now: seconds(6))
    #expect(registry[hello.node]?.state == .live)
    #expect(registry[hello.node]?.since == seconds(1))
    #expect(registry[hello.node]?.reportedAt == seconds(6))
    #expect(registry[hello.node]?.report?[.workers] == 5)
    #expect(registry.count(of: .live) == 1)
  }

  @Test("An edge's lag is measured by the hub's position when the report arrived")
  mutating func behind() {
    #expect(registry[hello.node]?.behind == nil)
    var report = report()
    report[.position] = 990
    registry.reportReceived(report, of: hello.node, by: 1, at: 1_000, now: seconds(1))
    #expect(registry[hello.node]?.behind == 10)
    // Meanwhile a tick was sent, or a lineage began.
    registry.reportReceived(report, of: hello.node, by: 1, at: 980, now: seconds(2))
    #expect(registry[hello.node]?.behind == 0)
  }

  @Test("An edge whose reports stop is lost after its lease, and live again with the next report")
  mutating func lease() {
    registry.reportReceived(report(), of: hello.node, by: 1, at: 0, now: seconds(1))
    #expect(registry.timerTriggered(now: seconds(15.9)) == [])
    #expect(registry.timerTriggered(now: seconds(16)) == [.lost(hello.node)])
    #expect(registry.timerTriggered(now: seconds(17)) == [])
    // The link is up, and an edge with a link stays listed.
    #expect(registry.timerTriggered(now: seconds(500)) == [])
    registry.reportReceived(report(), of: hello.node, by: 1, at: 0, now: seconds(501))
    #expect(registry[hello.node]?.state == .live)
  }

  @Test("An edge that never reports is lost after its lease too")
  mutating func neverReported() {
    #expect(registry.timerTriggered(now: seconds(15)) == [.lost(hello.node)])
  }

  @Test("An edge whose link breaks is lost at once and forgotten after an hour")
  mutating func broken() {
    registry.reportReceived(report(), of: hello.node, by: 1, at: 0, now: seconds(1))
    let owner = registry.linkEnded(1, .peerClosed, now: seconds(2))
    #expect(owner == hello.node)
    #expect(registry[hello.node]?.state == .lost)
    #expect(registry[hello.node]?.end == .peerClosed)
    #expect(registry[hello.node]?.report != nil)
    #expect(registry.timerTriggered(now: seconds(3_601.9)) == [])
    #expect(registry.timerTriggered(now: seconds(3_602)) == [.forgotten(hello.node)])
    #expect(registry.records.isEmpty)
  }

  @Test(
    "An operator can make the hub forget an edge that is away; an edge with a link, or an unknown one, stays")
  mutating func forgetting() {
    let isForgottenWithLink = registry.forget(hello.node)
    #expect(!isForgottenWithLink && registry[hello.node]?.link == 1)
    // The edge is lost, because it does not report, but its link is up.
    #expect(registry.timerTriggered(now: seconds(15)) == [.lost(hello.node)])
    let isForgottenSilent = registry.forget(hello.node)
    #expect(!isForgottenSilent && registry[hello.node] != nil)
    registry.linkEnded(1, .peerClosed, now: seconds(20))
    let isForgotten = registry.forget(hello.node)
    #expect(isForgotten && registry.records.isEmpty)
    let isForgottenAgain = registry.forget(hello.node)
    #expect(!isForgottenAgain)
    #expect(registry.linkEstablished(7, by: hello, from: "", now: seconds(30)) == .admitted)
  }

  @Test("A lost edge accepts no clients, so a rebalance skips it")
  mutating func noPartOfRebalance() {
    registry.reportReceived(report(), of: hello.node, by: 1, at: 0, now: seconds(1))
    #expect(registry[hello.node]?.takesClients == true)
    registry.linkEnded(1, .silent, now: seconds(2))
    #expect(registry[hello.node]?.takesClients == false && registry.linkCount == 0)
  }

  @Test("An edge that shuts down has left, and is forgotten after five seconds")
  mutating func left() {
    registry.linkEnded(1, .edgeShutDown, now: seconds(2))
    #expect(registry[hello.node]?.state == .left)
    #expect(registry.timerTriggered(now: seconds(6.9)) == [])
    #expect(registry.timerTriggered(now: seconds(7)) == [.forgotten(hello.node)])
  }

  @Test("A second link of an edge replaces the first one, whose later messages are ignored")
  mutating func replacement() {
    #expect(
      registry.linkEstablished(2, by: hello, from: "127.0.0.1:2", now: seconds(3)) == .replaced(link: 1))
    #expect(registry.replacements == 1)
    registry.reportReceived(report(), of: hello.node, by: 1, at: 0, now: seconds(4))
    let owner = registry.linkEnded(1, .replaced, now: seconds(4))
    #expect(owner == nil)
    #expect(registry[hello.node]?.state == .connecting)
    #expect(registry[hello.node]?.link == 2)
    #expect(registry[hello.node]?.address == "127.0.0.1:2")
    #expect(registry[hello.node]?.report == nil)
  }

  @Test("An edge that reconnects within the hour is no replacement")
  mutating func comeback() {
    registry.linkEnded(1, .silent, now: seconds(2))
    #expect(registry.linkEstablished(5, by: hello, from: "", now: seconds(3)) == .admitted)
    #expect(registry.replacements == 0)
    #expect(registry[hello.node]?.end == nil)
  }

  @Test("At the limit a new edge is refused, but not an edge with a link")
  mutating func limit() throws {
    #expect(registry.linkEstablished(2, by: other, from: "", now: .origin) == .admitted)
    let third = Hello(node: try #require(NodeName("edge-3")), softwareVersion: hello.softwareVersion)
    #expect(registry.linkEstablished(3, by: third, from: "", now: .origin) == .refused)
    #expect(registry[third.node] == nil)
    #expect(registry.linkEstablished(4, by: other, from: "", now: .origin) == .replaced(link: 2))
    registry.linkEnded(1, .peerClosed, now: .origin)
    #expect(registry.linkEstablished(3, by: third, from: "", now: .origin) == .admitted)
  }

  @Test("If too many edges have no link, the oldest of them is forgotten")
  mutating func surplus() throws {
    registry.linkEnded(1, .peerClosed, now: seconds(1))
    for number in 2...4 {
      let node = try #require(NodeName("edge-\(number)"))
      let hello = Hello(node: node, softwareVersion: hello.softwareVersion)
      _ = registry.linkEstablished(number, by: hello, from: "", now: seconds(Double(number)))
      registry.linkEnded(number, .peerClosed, now: seconds(Double(number)))
    }
    #expect(registry.records.map(\.node.description) == ["edge-3", "edge-4"])
  }

  @Test("Edges are listed by name")
  mutating func order() throws {
    #expect(registry.linkEstablished(2, by: other, from: "", now: .origin) == .admitted)
    #expect(registry.records.map(\.node) == [hello.node, other.node])
  }
}
