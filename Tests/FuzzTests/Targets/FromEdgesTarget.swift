import HTTP
import Primitives
import TestSupport
import Wire

@testable import HubCore

/// A hub with one link from an edge, and a second edge that reports the same.
private struct HubSide {
  private let terms: LinkLimits
  private var link: EdgeLink
  private var registry = EdgeRegistry()
  private var interest = InterestIndex(topicsMaximum: 8)
  private var stream = HubStream(ScorePacker(start: .origin))
  private var now = Instant.origin.advanced(by: .seconds(100))
  private var isEnded = false
  private var answers: [Message] = []
  private var reporters: [(node: NodeName, link: Int)] = []

  init() throws {
    guard let hub = NodeName("hub.example"), let version = SoftwareVersion("1"),
      let other = NodeName("edge-9")
    else { throw Finding("a name") }
    terms = LinkLimits(node: hub, softwareVersion: version)
    link = EdgeLink(terms: terms, peerNames: ["edge-1.example", "e2", "*.example"], now: now)
    _ = registry.linkEstablished(
      2, by: Hello(node: other, softwareVersion: version), from: "[::1]:9", now: now)
    reporters = [(other, 2)]
  }

  mutating func receive(_ messages: [Message]) throws {
    for message in messages where !isEnded {
      now = now.advanced(by: .milliseconds(10))
      link.bytesReceived(now: now)
      perform(link.messageReceived(message, now: now))
      try demand(
        link.unansweredQueries <= RelayProtocol.maximumUnansweredQueries,
        "\(link.unansweredQueries) queries are open")
      try demand(interest.count(of: 1) <= 8, "\(interest.count(of: 1)) topics are kept")
    }
    if link.needsSnapshot { link.snapshotQueued(backlog: 10, now: now) }
    for action in stream.tickHit(now: now.advanced(by: .seconds(1))) {
      if case .answer(_, let parts) = action { answers += parts }
    }
    _ = link.timerTriggered(now: now.advanced(by: .seconds(2)))
    try LinkFrames.checkEncoding(of: answers, from: .hub)
  }

  private mutating func perform(_ action: EdgeLink.MessageAction) {
    switch action {
    case .ignore, .finishCommand: break
    case .welcome(let hello, let welcome):
      _ = registry.linkEstablished(1, by: hello, from: "127.0.0.1:1", now: now)
      reporters.append((hello.node, 1))
      answers.append(.welcome(welcome))
    case .send(let message): answers.append(message)
    case .changeInterest(let change):
      do throws(InterestError) { try interest.apply(change, of: 1) } catch {
        if let closure = link.interestRefused(error, now: now) { perform(.close(closure)) }
      }
    case .recordReport(let report):
      for (node, link) in reporters {
        registry.reportReceived(report, of: node, by: link, at: stream.table.position, now: now)
      }
    case .answer(let query):
      for action in stream.asked(query, of: 1, now: now) {
        if case .refuse(let asked, let outcome) = action {
          answers.append(asked.query.answer(without: outcome))
          link.queryAnswered()
        }
      }
    case .refuseQuery(let query): answers.append(query.answer(without: .unavailable))
    case .close(let closure):
      if let farewell = closure.farewell { answers.append(.goAway(farewell)) }
      isEnded = true
    }
  }

  /// What operators see is well-formed, whatever edges report.
  func checkPages() throws {
    // Without a report they are always the same, and cost the most.
    guard registry.records.contains(where: { $0.report != nil }) else { return }
    let status = HubStatus(
      terms: terms, startedAt: .origin, now: now, unixSeconds: 1_800_000_000, isDraining: false,
      feed: HubStatus.Feed(isLive: true, detail: ""), scores: stream.table,
      edges: registry.records.map { record in
        HubStatus.Edge(record: record, link: record.link == 1 ? link : nil, topicCount: interest.count(of: 1))
      }, counters: HubCounters(), replacements: registry.replacements)
    let view = AdminView(
      status: status, figures: StreamFigures(), interest: AdminView.Interest(interest, linkCount: 2),
      rebalance: Rebalance(), settings: [])
    let nodes = registry.records.map { $0.nodeStatusJSON(unixSeconds: 1_800_000_000) }
    for json: [UInt8] in [status.json, view.edgesJSON, view.streamsJSON, view.ledgerJSON] + nodes {
      try demand(JSONValue(parsing: json) != nil, "no JSON: \(String(decoding: json, as: UTF8.self))")
    }
    for line in status.metrics.bytes.split(separator: 10) where line.first != UInt8(ascii: "#") {
      try demand(
        line.starts(with: "emojitrack_".utf8), "a metric is \(String(decoding: line, as: UTF8.self))")
    }
    try demand(registry.records.allSatisfy { $0.clientCount >= 0 }, "a negative number of clients")
  }
}

extension FuzzTarget {
  /// The frames, then the hub's side of the link with what depends on it: registry, interest, queries, pages.
  static let fromEdges = FuzzTarget(
    name: "from-edges", subject: "what a hub receives from an edge", sizeMaximum: 4_000,
    seeds: fromEdgesSeeds
  ) { bytes in
    let messages = try LinkFrames.checked(bytes, from: .edge)
    var hub = try HubSide()
    try hub.receive(messages)
    try hub.checkPages()
  }

  @Sendable private static func fromEdgesSeeds() throws -> [[UInt8]] {
    let streams = try ProtocolExamples.streams(beginningWith: "hello") {
      MessageType(rawValue: $0)?.isSent(by: .edge) == true
    }
    // An edge may report anything that has the form of a report.
    var report = Report()
    for field in ReportField.allCases { report[field] = .max }
    for histogram in ReportHistogram.allCases {
      report[histogram] = DurationHistogram(
        counts: [UInt64](repeating: .max, count: DurationHistogram.bucketCount), sumMicroseconds: .max)
    }
    let hello = try ProtocolExamples.all().first { $0.name == "hello" }?.bytes ?? []
    return streams + [hello + LinkFrames.encoded([.report(report), .pong(Pong(stamp: .max))])]
  }
}
