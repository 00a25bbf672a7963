import HTTP
import HubCore
import Primitives
import Testing
import Wire

/// A hub with a live edge, a lost one, and some history.
struct StatusFixture {
  var isDraining = false
  var isLinkCertificateValid = true
  var feed = HubStatus.Feed(isLive: true, detail: "")
  var scores = ScoreTable()
  var counters = HubCounters()
  var registry = EdgeRegistry()
  var figures = StreamFigures()
  var link: EdgeLink
  let terms: LinkLimits
  let node: NodeName

  init() throws {
    let fixture = try LinkFixture.welcomed()
    terms = fixture.terms
    node = fixture.node
    link = fixture.link
    let cat = try ScoreID("1F431")
    for _ in 1...2 {
      _ = scores.reconcile(lineage: try #require(Lineage("first")), totals: [ScoreTotal(id: cat, total: 41)])
    }
    scores.increment(cat)
    counters.feed.messageReceived()
    counters.feed.messagePacked(.score)
    counters.feed.messageReceived()
    counters.feed.messageRejected("id_empty")
    counters.feed.feedInterrupted()
    counters.links.queryAnswered(
      .order(ResumeToken(lineage: try #require(Lineage("first")), position: 4)), .unknown)

    _ = registry.linkEstablished(1, by: fixture.hello, from: "127.0.0.1:4711", now: seconds(1))
    var report = Report()
    report[.clientsEPS] = 7
    report[.clientsRaw] = 2
    report[.loopLagMaximumMicroseconds] = 900
    report[.deliveryLatency].record(.milliseconds(18), times: 5)
    report[.deliveryLatency].record(.milliseconds(40))
    registry.reportReceived(report, of: node, by: 1, at: 0, now: seconds(60))
    link.snapshotQueued(backlog: 123, now: seconds(60))
    _ = link.messageReceived(.pong(Pong(stamp: 59_999_000_000)), now: seconds(60))

    let version = fixture.terms.softwareVersion
    let other = Hello(node: try #require(NodeName("edge-2")), softwareVersion: version)
    _ = registry.linkEstablished(2, by: other, from: "[::1]:9", now: seconds(2))
    registry.linkEnded(2, .peerClosed, now: seconds(50))
  }

  /// The status about one minute after the start.
  func status() -> HubStatus {
    var status = HubStatus(
      terms: terms, startedAt: .origin, now: seconds(61), unixSeconds: 1_800_000_061, isDraining: isDraining,
      feed: feed,
      scores: scores,
      edges: registry.records.map { record in
        HubStatus.Edge(record: record, link: record.link == nil ? nil : link, topicCount: 3)
      },
      counters: counters, replacements: registry.replacements)
    status.operation.isLinkCertificateValid = isLinkCertificateValid
    status.process.logLinesDropped = 5
    status.process.memoryBytes = 4096
    status.process.processorTime = .milliseconds(1500)
    status.process.ticks.record(.microseconds(300))
    return status
  }

  /// The response to a request.
  func response(_ method: String, _ path: String) throws -> Response {
    guard case .response(let response) = try answer(method, path) else {
      throw NoResponse(path: path)
    }
    return response
  }

  /// The answer to a request, which may also be a stream or an action.
  func answer(_ method: String, _ path: String, hasRoom: Bool = true, body: String = "", fields: String = "")
    throws
    -> AdminAnswer
  {
    try decision(method, path, hasRoom: hasRoom, body: body, fields: fields).answer
  }

  /// The decision about a request.
  func decision(
    _ method: String, _ path: String, hasRoom: Bool = true, body: String = "", fields: String = "",
    peer: AdminPeer = Self.local
  ) throws -> AdminAPI.Decision {
    var gate = try gate()
    return AdminAPI.decide(
      AdminAPI.Request(
        head: try Self.head(method, path, fields: fields), body: Array(body.utf8), peer: peer,
        hasRoom: hasRoom),
      gate: &gate, now: seconds(61)
    ) { view() }
  }

  static let local = AdminPeer(door: .loopback, address: "127.0.0.1", network: [127, 0, 0, 1])
  static let readerToken = String(repeating: "r", count: 32)
  static let operatorToken = String(repeating: "o", count: 40)

  func gate() throws -> AdminGate {
    let tokens = "reader prometheus \(Self.readerToken)\noperator anna \(Self.operatorToken)\n"
    return AdminGate(
      tokens: try AdminTokens(parsing: Array(tokens.utf8)), readers: ["viewer.example", "OU=readers"],
      hostNames: ["hub.example"])
  }

  func view() -> AdminView {
    AdminView(
      status: status(), figures: figures, interest: AdminView.Interest(InterestIndex(), linkCount: 1),
      rebalance: Rebalance(), settings: [.init(key: "log.level", value: "info", source: "default")])
  }

  struct NoResponse: Error {
    let path: String
  }

  static func head(_ method: String, _ path: String, fields: String = "") throws -> RequestHead {
    let host = fields.contains("Host:") ? "" : "Host: localhost\r\n"
    let bytes = Array("\(method) \(path) HTTP/1.1\r\n\(host)\(fields)\r\n".utf8)
    var parser = RequestHeadParser()
    var index = 0
    let head = try parser.parse(bytes.span, from: &index)
    return try #require(head)
  }
}

extension Response {
  var text: String { String(decoding: content?.bytes ?? [], as: UTF8.self) }
}
