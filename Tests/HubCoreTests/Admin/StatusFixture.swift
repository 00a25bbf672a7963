import HTTP
import HubCore
import Primitives
import Testing
import Wire

/// A hub with a live edge, one that is lost, and a little history.
struct StatusFixture {
  var isDraining = false
  var feed = HubStatus.Feed(isLive: true, detail: "")
  var scores = ScoreTable()
  var counters = HubCounters()
  var registry = EdgeRegistry()
  var link: EdgeLink
  let terms: EdgeLinkTerms
  let node: NodeName

  init() throws {
    let fixture = try LinkFixture.welcomed()
    terms = fixture.terms
    node = fixture.node
    link = fixture.link
    let cat = try ScoreID("1F431")
    _ = scores.adopt(lineage: try #require(Lineage("first")), totals: [ScoreTotal(id: cat, total: 41)])
    scores.increment(cat)
    counters.messageReceived()
    counters.messagePacked(.score)
    counters.messageReceived()
    counters.messageRejected("id_empty")
    counters.feedInterrupted()
    counters.queryAnswered(
      .order(ResumeToken(lineage: try #require(Lineage("first")), position: 4)), .unknown)

    _ = registry.linkEstablished(1, by: fixture.hello, from: "127.0.0.1:4711", now: seconds(1))
    var report = Report()
    report[.clientsEPS] = 7
    report[.clientsRaw] = 2
    report[.loopLagMaximumMicroseconds] = 900
    registry.reportReceived(report, of: node, by: 1, now: seconds(60))
    link.snapshotQueued(backlog: 123, now: seconds(60))
    _ = link.messageReceived(.pong(Pong(stamp: 59_999_000_000)), now: seconds(60))

    let version = fixture.terms.softwareVersion
    let other = Hello(node: try #require(NodeName("edge-2")), softwareVersion: version)
    _ = registry.linkEstablished(2, by: other, from: "[::1]:9", now: seconds(2))
    registry.linkEnded(2, of: other.node, .peerClosed, now: seconds(50))
  }

  /// One minute and a bit after the start.
  func status() -> HubStatus {
    HubStatus(
      terms: terms, startedAt: .origin, now: seconds(61), unixSeconds: 1_800_000_061, isDraining: isDraining,
      feed: feed,
      scores: scores,
      edges: registry.records.map { record in
        HubStatus.Edge(record: record, link: record.link == nil ? nil : link, topicCount: 3)
      },
      counters: counters, replacements: registry.replacements)
  }

  /// The answer to a request that has one.
  func response(_ method: String, _ path: String) throws -> Response {
    guard case .response(let response) = try answer(method, path) else {
      throw NoResponse(path: path)
    }
    return response
  }

  /// The same, which may also be a stream.
  func answer(_ method: String, _ path: String, hasRoom: Bool = true) throws -> AdminAnswer {
    AdminAPI.answer(to: try Self.head(method, path), hasRoom: hasRoom) { status() }
  }

  struct NoResponse: Error {
    let path: String
  }

  static func head(_ method: String, _ path: String) throws -> RequestHead {
    let bytes = Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    var parser = RequestHeadParser()
    var index = 0
    let head = try parser.parse(bytes.span, from: &index)
    return try #require(head)
  }
}

extension Response {
  var text: String { String(decoding: content?.bytes ?? [], as: UTF8.self) }
}
