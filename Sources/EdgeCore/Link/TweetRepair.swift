import Primitives
import Wire

/// Recovers the tweets that were published while no hub was connected.
///
/// It remembers the last tweets of each topic. From the beginning of an outage on it holds new events back. After the
/// outage it asks for the last tweets of each topic, passes on the new ones of the answer, and then the held events.
/// An answer without any remembered tweet is all new: more were missed than Redis keeps. A topic without earlier
/// tweets has nothing to compare with, and is not asked for.
///
/// Each tweet is passed on once, so two cases need care:
/// - **Copies.** A tweet from a list has no stamp by which `HubMerge` could recognize another hub's copy, and the
///   stamps of a lineage mean nothing in the next one. So tweets from a list, and tweets remembered from before a
///   lineage begins, are dropped if they arrive once more. The stamps of further copies are then known.
/// - **Lists of the past.** A Redis that was set back may list tweets that were sent long ago. So at the beginning of
///   a lineage, and from a hub that is behind the edge, only what follows the very last remembered tweet is new.
///   Other tweets missed at that moment are lost, which is better than sending them twice.
package struct TweetRepair: Sendable {
  /// How many topics are asked for at a time.
  package static let questionsMaximum = 64
  /// How many bytes are held back. Beyond that, repairs are given up: new events matter more than missed ones.
  static let heldBytesMaximum = 8 << 20

  /// An event that waits, and when it arrived.
  private struct Held {
    let event: TopicEvent
    let era: TweetMemory.Era
    let digest: UInt64

    init(_ event: TopicEvent, cameIn era: TweetMemory.Era) {
      self.event = event
      self.era = era
      digest = TweetRepair.digest(event.payload)
    }
  }

  private var memories = RecentTable<TopicID, TweetMemory>()
  private var era = TweetMemory.Era()
  private var isInterrupted = false
  /// The place of the totals when the last outage began.
  private var stood: ResumeToken?
  private var held: [TopicID: [Held]] = [:]
  private var heldBytes = 0
  private var toAsk: [TopicID] = []
  private var asked: Set<TopicID> = []

  /// A repair that has seen no tweet.
  package init() {}

  /// An event is about to be passed on.
  ///
  /// - Returns: the events to pass on now, in order; empty if it is held back.
  package mutating func eventCame(_ event: TopicEvent) -> [TopicEvent] {
    guard case .details(let topic) = event.source else { return [event] }
    let held = Held(event, cameIn: era)
    guard isHolding(topic) else { return take([held], of: topic) }
    self.held[topic, default: []].append(held)
    heldBytes += event.payload.count
    return heldBytes > Self.heldBytesMaximum ? giveUp() : []
  }

  /// A client begins with the last tweets of a topic, which include everything passed on before.
  ///
  /// - Parameter payloads: oldest first.
  package mutating func listReceived(_ payloads: [[UInt8]], of topic: TopicID) {
    var memory = memories[topic] ?? TweetMemory(era)
    memory.listCame(payloads.map(Self.digest), receivedFrom: nil)
    memories[topic] = memory
  }

  /// A hub's snapshot is about to be merged. If it has another lineage, or an earlier place than is known, Redis may
  /// have been set back.
  ///
  /// - Parameters:
  ///   - place: the place of the snapshot.
  ///   - known: the place of the edge's totals; nil if there are none.
  package mutating func snapshotCame(at place: ResumeToken, behind known: ResumeToken?) {
    guard let known else { return }
    if place.lineage != known.lineage { era.lineage += 1 }
    if place.lineage != known.lineage || place.position < known.position { era.history += 1 }
  }

  /// The edge took something back: stamps start over, as in another lineage, and lists may be of the past.
  package mutating func renumbered() {
    era.lineage += 1
    era.history += 1
  }

  /// Clients hold totals that no hub holds at present: Redis may have been set back.
  package mutating func historyDoubted() { era.history += 1 }

  /// Whether tweets of a topic are held back at present.
  package func isHolding(_ topic: TopicID) -> Bool {
    guard isInterrupted || !asked.isEmpty || !toAsk.isEmpty else { return false }
    return (isInterrupted && memories[topic] != nil) || held[topic] != nil
  }

  /// No hub is connected to Redis from now on.
  ///
  /// - Parameter place: the place of the edge's totals; nil if there are none.
  package mutating func outageBegan(at place: ResumeToken? = nil) {
    isInterrupted = true
    stood = place
  }

  /// A hub is connected to Redis again.
  ///
  /// - Parameter topics: the topics with clients.
  /// - Returns: the held events of other topics, to pass on now.
  package mutating func outageEnded(topics: [TopicID]) -> [TopicEvent] {
    guard isInterrupted else { return [] }
    isInterrupted = false
    let wanted = Set(topics.filter { memories[$0] != nil })
    let released = held.keys.filter { !wanted.contains($0) && !asked.contains($0) }.flatMap { release($0) }
    for topic in wanted where held[topic] == nil { held[topic] = [] }
    toAsk = Array(wanted.subtracting(asked))
    return released
  }

  /// Takes out the topics to ask about now.
  package mutating func takeQuestions() -> [TopicID] {
    let count = min(toAsk.count, Self.questionsMaximum - asked.count)
    guard count > 0 else { return [] }
    let topics = Array(toAsk.suffix(count))
    toAsk.removeLast(count)
    asked.formUnion(topics)
    return topics
  }

  /// The question about a topic was answered, or cannot be.
  ///
  /// - Parameters:
  ///   - payloads: its last tweets, oldest first; nil if no hub can answer.
  ///   - place: the place of the hub that answered; nil if that is not known.
  /// - Returns: the events to pass on now, in order.
  package mutating func answered(
    _ topic: TopicID, _ payloads: [[UInt8]]?, at place: ResumeToken? = nil
  ) -> [TopicEvent] {
    guard asked.remove(topic) != nil else { return [] }
    let behind = takeHeld(topic)
    guard let payloads, let memory = memories[topic] else { return take(behind[...], of: topic) }
    let listed = payloads.map(Self.digest)
    let isPresent = memory.era.history == era.history && !isOfPast(place)
    let known = Set(isPresent ? memory.digests : memory.digests.suffix(1))
    let last = listed.lastIndex { known.contains($0) }
    // Only if the list is full can more tweets have been missed than it holds.
    let isAllNew = isPresent && listed.count == Tweets.maximumCount
    guard let start = last.map({ $0 + 1 }) ?? (isAllNew ? 0 : nil) else {
      // The whole list may be of the past. Except for held tweets it counts as already sent.
      let news = Set(behind.map(\.digest))
      remember(listed.filter { !news.contains($0) }, receivedFrom: nil, of: topic)
      return take(behind[...], of: topic)
    }
    // Held tweets that are also in the list keep their place there. Held tweets before that were pushed out of the
    // list; so were all held tweets, if the list has nothing in common with the remembered ones.
    let inList = Set(listed)
    let rest =
      behind.lastIndex { inList.contains($0.digest) }.map { $0 + 1 } ?? (last == nil ? behind.count : 0)
    let pushedOut = take(behind[..<rest].filter { !inList.contains($0.digest) }[...], of: topic)
    remember(listed, receivedFrom: start, of: topic)
    // A hub checks these payloads as those of events: the length and UTF-8 are valid.
    let news = payloads[start...].compactMap {
      try? TopicEvent(stamp: .origin, source: .details(topic), payload: $0)
    }
    return pushedOut + news + take(behind[rest...], of: topic)
  }

  /// Whether the hub is behind the edge's place at the beginning of the outage: Redis may have been set back.
  private func isOfPast(_ place: ResumeToken?) -> Bool {
    guard let place, let stood else { return false }
    return place.lineage != stood.lineage || place.position < stood.position
  }

  private mutating func release(_ topic: TopicID) -> [TopicEvent] {
    take(takeHeld(topic)[...], of: topic)
  }

  private mutating func takeHeld(_ topic: TopicID) -> [Held] {
    let events = held.removeValue(forKey: topic) ?? []
    for held in events { heldBytes -= held.event.payload.count }
    return events
  }

  /// The events to pass on, which are then remembered.
  private mutating func take(_ events: ArraySlice<Held>, of topic: TopicID) -> [TopicEvent] {
    events.filter { goesOn($0, of: topic) }.map(\.event)
  }

  private mutating func giveUp() -> [TopicEvent] {
    isInterrupted = false
    toAsk = []
    asked = []
    return held.keys.flatMap { release($0) }
  }

  /// Whether an event is new; if so, it is remembered.
  private mutating func goesOn(_ held: Held, of topic: TopicID) -> Bool {
    var memory = memories[topic] ?? TweetMemory(held.era)
    defer { memories[topic] = memory }
    return memory.eventCame(held.digest, in: held.era)
  }

  /// Remembers a list, of which the part from an index on is passed on; nil for nothing.
  private mutating func remember(_ list: [UInt64], receivedFrom start: Int?, of topic: TopicID) {
    guard !list.isEmpty, var memory = memories[topic] else { return }
    memory.listCame(list, receivedFrom: start)
    memories[topic] = memory
  }

  /// A digest that distinguishes tweets well enough: FNV-1a, 64 bits.
  static func digest(_ payload: [UInt8]) -> UInt64 {
    payload.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
