import EdgeCore
import Primitives
import Testing
import Wire

/// An edge's stream, and its input.
struct EdgeStreamFixture {
  let lineage: Lineage
  let topic: TopicID
  var stream: EdgeStream
  var now = moment(0)

  /// - Parameter hubCount: the number of hubs; all have sent their welcome, and are fresh at position 0.
  init(hubCount: Int = 1) throws {
    lineage = try #require(Lineage("L"))
    topic = try #require(TopicID("1F602"))
    stream = EdgeStream(hubCount: hubCount, interestLinger: .seconds(10))
    for hub in 0..<hubCount { _ = try open(hub) }
    _ = turn()
  }

  mutating func wait(_ milliseconds: Int64) { now = now.advanced(by: .milliseconds(milliseconds)) }

  // MARK: Hubs

  mutating func open(
    _ hub: Int, _ name: String = "L", total: UInt64 = 0, version: UInt8 = 2
  ) throws -> [String] {
    let lineage = try #require(Lineage(name))
    let entries = total == 0 ? [] : [ScoreTotal(id: try id("A"), total: total)]
    return open(
      hub, Snapshot(lineage: lineage, position: total, isLast: true, entries: entries), version: version)
  }

  /// A hub sends its welcome, and is fresh with these totals.
  mutating func open(_ hub: Int, _ snapshot: Snapshot, version: UInt8 = 2) -> [String] {
    var actions = stream.linkOpened(to: hub, version: version, tickInterval: .milliseconds(16), now: now)
    actions += receive(.feed(FeedStatus(state: .live, isAnchored: true)), from: hub)
    actions += receive(.snapshot(snapshot), from: hub)
    actions += stream.freshnessChanged(of: hub, to: true, now: now)
    stream.interestConfirmed(by: hub)
    return words(actions)
  }

  mutating func close(_ hub: Int) -> [String] {
    words(
      stream.linkClosed(to: hub, now: now) + stream.freshnessChanged(of: hub, to: false, now: now))
  }

  mutating func receive(_ message: Message, from hub: Int = 0) -> [EdgeStream.Action] {
    stream.received(message, from: hub, now: now)
  }

  mutating func scores(_ total: UInt64, stamp: UInt64 = 0, from hub: Int = 0) throws -> [String] {
    let scores = Scores(
      position: total, hubStampMicroseconds: stamp, entries: [ScoreTotal(id: try id("A"), total: total)])
    return words(receive(.scores(scores), from: hub))
  }

  /// A hub sends all its totals again.
  mutating func snapshot(_ total: UInt64, from hub: Int = 0) throws -> [String] {
    let entries = total == 0 ? [] : [ScoreTotal(id: try id("A"), total: total)]
    return words(
      receive(
        .snapshot(Snapshot(lineage: lineage, position: total, isLast: true, entries: entries)), from: hub))
  }

  /// A hub has read the totals in Redis again, as requested.
  mutating func fenced(_ id: UInt64, _ outcome: QueryOutcome = .answered, from hub: Int = 0) -> [String] {
    words(receive(.fenced(Fenced(id: id, outcome: outcome)), from: hub))
  }

  mutating func tweet(_ text: String, _ ordinal: UInt64 = 0, from hub: Int = 0) throws -> [String] {
    let event = try TopicEvent(
      stamp: TopicStamp(position: 1, ordinal: ordinal), source: .details(topic), payload: Array(text.utf8))
    return words(receive(.topicEvent(event), from: hub))
  }

  mutating func tweets(_ texts: [String], to id: UInt64, from hub: Int = 0) throws -> [String] {
    words(receive(.tweets(try Tweets(id: id, payloads: texts.map { Array($0.utf8) })), from: hub))
  }

  // MARK: Clients and turns

  mutating func request(
    _ slot: Int32, _ kind: StreamKind, _ options: StreamOptions, _ point: ResumePoint = .beginning
  ) -> [String] {
    let client = OpeningClient(worker: 0, ClientID(slot: slot, generation: 0))
    return words(
      stream.clientJoined(kind)
        + stream.requested(client, Subscription(kind, options: options, from: point), now: now))
  }

  mutating func turn() -> [String] { words(stream.turnEnded(now: now)) }
}

/// The actions as texts, without the ends of turns.
func words(_ actions: [EdgeStream.Action]) -> [String] {
  actions.compactMap { action in
    switch action {
    case .update(let updates, let stamp): "update \(text(updates)) since \(stamp ?? 0)"
    case .updateEvents(let updates, let stamp): "events \(text(updates)) since \(stamp ?? 0)"
    case .open(let clients, let bytes):
      "open \(clients.map(\.id.slot)) \(data(bytes))"
    case .admit(let clients): "admit \(clients.map(\.id.slot))"
    case .send(.query(let query), let hub): "ask \(hub) \(query.id)"
    case .send(let message, let hub): "send \(hub) \(message.name)"
    case .sendInterest(let interest, let hub): "tell \(hub) \(interest.flatMap(\.topics).count)"
    case .endTurn: nil
    case .leaveLineage(let lineage): "leave \(lineage)"
    }
  }
}

/// The data of the updates for streams without places, without all details.
private func text(_ updates: [StreamUpdate]) -> String {
  updates.filter { !$0.kind.isIdentified && $0.kind != .allDetails }.map { data($0.entry.bytes) }
    .joined(separator: " ")
}

private func data(_ bytes: [UInt8]) -> String {
  unchecked(
    seenEvents(in: bytes).map { $0.name == "position" ? "id:\($0.id ?? "")" : $0.data }.joined(separator: " ")
  )
}

extension Message {
  fileprivate var name: String { if case .interest = self { "interest" } else { "\(self)" } }
}
