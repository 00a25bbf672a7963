import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

/// A hub's stream, and its input.
struct HubStreamFixture {
  let lineage: Lineage
  let cat: ScoreID
  let topic: TopicID
  var stream = HubStream(ScorePacker(start: .origin))
  private var random = SeededGenerator(seed: 1)

  /// - Parameter total: the total that the fence finds for the only id; nil leaves the fence in progress.
  init(fencedAt total: UInt64? = 0) throws {
    lineage = try #require(Lineage("first"))
    cat = try ScoreID("1F431")
    topic = try #require(TopicID("1F431"))
    guard let total else { return }
    for _ in 1...2 { _ = try fence(total) }
    _ = feedChanged(to: .anchored)
  }

  func at(_ milliseconds: Int64) -> Instant { .origin.advanced(by: .milliseconds(milliseconds)) }

  mutating func fence(
    _ total: UInt64, of name: String = "first", begunAt: Int64 = 0, at milliseconds: Int64 = 0
  ) throws -> HubStream.Judgement {
    let lineage = try #require(Lineage(name))
    let reply: [FeedReply] = total == 0 ? [] : [.text(Array("1F431".utf8)), .text(Array("\(total)".utf8))]
    var totals = try #require(FenceTotals(lineage: lineage, reply: reply))
    totals.begunAt = at(begunAt)
    return stream.fenced(totals, now: at(milliseconds))
  }

  mutating func feedChanged(to state: FeedState, at milliseconds: Int64 = 0) -> [HubStream.Action] {
    stream.feedChanged(to: state, now: at(milliseconds), using: &random)
  }

  mutating func increment(_ count: Int = 1, at milliseconds: Int64 = 0) -> [HubStream.Action] {
    (0..<count).flatMap { _ in stream.brought(.increment(cat), now: at(milliseconds)) }
  }

  mutating func tweet(_ text: String, at milliseconds: Int64 = 0) throws -> [HubStream.Action] {
    let event = try TopicEvent(stamp: .origin, source: .details(topic), payload: Array(text.utf8))
    return stream.brought(.topicEvent(event), now: at(milliseconds))
  }

  func token(_ position: Position) -> ResumeToken { ResumeToken(lineage: lineage, position: position) }

  /// The numbers of the answered queries, and of the refused ones.
  static func answers(_ actions: [HubStream.Action]) -> [UInt64] {
    actions.compactMap { if case .answer(let asked, _) = $0 { asked.query.id } else { nil } }
  }

  static func refusals(_ actions: [HubStream.Action]) -> [UInt64: QueryOutcome] {
    var outcomes: [UInt64: QueryOutcome] = [:]
    for case .refuse(let asked, let outcome) in actions { outcomes[asked.query.id] = outcome }
    return outcomes
  }
}

extension HubStream.Action {
  /// The action as a word; for events with their contents and places.
  var word: String {
    switch self {
    case .publish(let flush): "scores \(flush.position)"
    case .publishEvents(let events):
      "events "
        + events.map { "\(String(decoding: $0.payload, as: UTF8.self))@\($0.stamp.position)" }.joined(
          separator: " ")
    case .requireSnapshots: "lineage"
    case .announce: "announce"
    case .fence: "fence"
    case .publishSnapshots: "snapshots"
    case .publishStatus(let status): "feed \(status.state) \(status.isAnchored)"
    case .countForgotten(let count): "forgot \(count)"
    case .listTweets(let topics): "list \(topics.map(\.description).joined(separator: " "))"
    case .answer(let asked, _): "answer \(asked.query.id)"
    case .refuse(let asked, let outcome): "refuse \(asked.query.id) \(outcome)"
    }
  }
}
