import EdgeCore
import Primitives
import TestSupport
import Wire

/// The increments that Redis published, in order.
struct History {
  let lineage: Lineage
  private(set) var ids: [ScoreID] = []
  private(set) var events: [TopicEvent] = []
  private var ordinal: UInt64 = 0
  private var current: [ScoreID: UInt64] = [:]

  init() {
    var random = SeededGenerator(seed: 1)
    lineage = Lineage(using: &random)
  }

  var position: Position { Position(ids.count) }

  mutating func increment(_ id: ScoreID) {
    ids.append(id)
    current[id, default: 0] += 1
    ordinal = 0
  }

  mutating func publish(_ topic: TopicID) throws {
    let stamp = TopicStamp(position: position, ordinal: ordinal)
    ordinal += 1
    let payload = Array("\(stamp.position).\(stamp.ordinal)".utf8)
    events.append(try TopicEvent(stamp: stamp, source: .details(topic), payload: payload))
  }

  func totals(at position: Position) -> [ScoreTotal] {
    var totals: [ScoreID: UInt64] = [:]
    for id in ids[..<Int(position)] { totals[id, default: 0] += 1 }
    return totals.map { ScoreTotal(id: $0.key, total: $0.value) }
  }

  /// The present totals.
  var totals: [ScoreTotal] { current.map { ScoreTotal(id: $0.key, total: $0.value) } }
}

/// A hub as an edge sees it: its messages, and when they arrive.
struct ModelHub {
  enum Arrival {
    case message(Message)
    /// The hub knows the interest up to this one.
    case confirmation(Int)
  }

  let phase: Int
  private(set) var isUp = false
  private(set) var upSince = 0
  private(set) var wanted: Set<TopicID> = []
  /// Messages on their way, in order, with their times of arrival.
  private var wire = RingBuffer<(at: Int, Arrival)>()
  private var lastArrival = 0
  /// The position up to which the hub has sent everything.
  private var position: Position = 0
  private var eventIndex = 0
  private var interests: [(at: Int, Set<TopicID>, number: Int)] = []
  private var interruptedAt: (position: Position, eventIndex: Int)?
  private(set) var isSkipping = false

  init(phase: Int) { self.phase = phase }

  var isHealthy: Bool { isUp && interruptedAt == nil && !isSkipping }

  mutating func start(_ history: History, at now: Int, wanting topics: Set<TopicID>, number: Int) {
    self = ModelHub(phase: phase)
    isUp = true
    upSince = now
    position = history.position
    eventIndex = history.events.count
    send(.message(snapshot(history)), at: now, delay: 1)
    send(.message(.feed(FeedStatus(state: .live, isAnchored: true))), at: now, delay: 1)
    interests = [(now + 3, topics, number)]
  }

  private func snapshot(_ history: History) -> Message {
    .snapshot(
      Snapshot(
        lineage: history.lineage, position: history.position, isLast: true,
        entries: history.totals))
  }

  mutating func kill() { self = ModelHub(phase: phase) }

  mutating func want(_ topics: Set<TopicID>, number: Int, from time: Int) {
    interests.append((time, topics, number))
  }

  /// The hub loses Redis: it misses everything from now on.
  mutating func interrupt(_ history: History, at now: Int) {
    tick(history, at: now, delay: 0)
    interruptedAt = (history.position, history.events.count)
    send(.message(.feed(FeedStatus(state: .interrupted, isAnchored: true))), at: now, delay: 0)
    upSince = now
  }

  /// The hub hears Redis again, and its totals are repaired.
  mutating func recover(_ history: History, at now: Int) {
    position = history.position
    eventIndex = history.events.count
    interruptedAt = nil
    send(.message(.feed(FeedStatus(state: .live, isAnchored: true))), at: now, delay: 0)
    upSince = now
  }

  mutating func skip() { isSkipping = true }

  mutating func catchUp(_ history: History, at now: Int) {
    isSkipping = false
    send(.message(.gap(Gap(skippedRaw: 1, skippedTopicEvents: 0))), at: now, delay: 0)
    send(.message(snapshot(history)), at: now, delay: 0)
    upSince = now
  }

  /// Flushes the changes since the last tick.
  mutating func tick(_ history: History, at now: Int, delay: Int) {
    guard isUp, interruptedAt == nil else { return }
    while let interest = interests.first, interest.at <= now {
      wanted.formUnion(interest.1)
      interests.removeFirst()
      send(.confirmation(interest.number), at: now, delay: delay)
    }
    let end = history.position
    if end > position, !isSkipping {
      let scores = Scores(position: end, hubStampMicroseconds: 0, entries: history.totals)
      send(.message(.scores(scores)), at: now, delay: delay)
      let ids = Array(history.ids[Int(position)...])
      send(.message(.raw(RawBatch(firstPosition: position + 1, ids: ids))), at: now, delay: delay)
    }
    if !isSkipping {
      for event in history.events[eventIndex...] {
        if case .details(let id) = event.source, wanted.contains(id) {
          send(.message(.topicEvent(event)), at: now, delay: delay)
        }
      }
    }
    position = end
    eventIndex = history.events.count
  }

  private mutating func send(_ arrival: Arrival, at now: Int, delay: Int) {
    lastArrival = max(lastArrival, now + delay)
    wire.append((lastArrival, arrival))
  }

  mutating func arrivals(at now: Int) -> [Arrival] {
    var due: [Arrival] = []
    while let next = wire.first, next.at <= now {
      due.append(next.1)
      wire.popFirst()
    }
    return due
  }
}
