public import Primitives
public import Wire

/// Makes up for the tweets that were missed while no hub told any.
///
/// It remembers of each topic which tweets went on last. From the beginning of an outage on it holds back what comes; when
/// the outage is over, the last tweets of each topic are asked for, what is new in the answer goes on, and then
/// the rest of what was held back. An answer that holds none of the remembered tweets is all new: more were missed than Redis keeps.
/// A topic that had no tweet before has nothing to compare with, and is not asked for.
///
/// Each tweet goes on once, so two things are looked at more closely:
/// - **Copies.** What a list told has no stamp by which `HubMerge` would know another hub's copy, and the stamps of a lineage say
///   nothing in the next one. So what a list told, and what is remembered when a lineage begins, does not go on if it comes once
///   more. Of further copies the stamps are known then.
/// - **Lists of the past.** A Redis that was set back may list what was told long ago. So at the beginning of a lineage, and from a hub
///   that has not come as far as we had, only what follows the very last tweet that is remembered is new. Others that were
///   missed just then are lost: better than twice.
public struct TweetRepair: Sendable {
  /// How many topics are asked for at a time.
  public static let questionsMaximum = 64
  /// How many bytes are held back. With more, repairs are given up: what comes matters more than what was.
  static let heldBytesMaximum = 8 << 20

  /// An event that waits, and when it came.
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
  /// Where the totals stood when the last outage began.
  private var stood: ResumeToken?
  private var held: [TopicID: [Held]] = [:]
  private var heldBytes = 0
  private var toAsk: [TopicID] = []
  private var asked: Set<TopicID> = []

  /// One that has seen no tweet.
  public init() {}

  /// An event is about to go on.
  ///
  /// - Returns: what goes on now, in order; nothing if it is held back.
  public mutating func eventCame(_ event: TopicEvent) -> [TopicEvent] {
    guard case .details(let topic) = event.source else { return [event] }
    let held = Held(event, cameIn: era)
    guard isHolding(topic) else { return take([held], of: topic) }
    self.held[topic, default: []].append(held)
    heldBytes += event.payload.count
    return heldBytes > Self.heldBytesMaximum ? giveUp() : []
  }

  /// A client begins with the last tweets of a topic, which hold all that went on before.
  ///
  /// - Parameter payloads: oldest first.
  public mutating func listTold(_ payloads: [[UInt8]], of topic: TopicID) {
    var memory = memories[topic] ?? TweetMemory(era)
    memory.listCame(payloads.map(Self.digest), toldFrom: nil)
    memories[topic] = memory
  }

  /// A hub's snapshot is about to be merged. If it is of another lineage, or tells of an earlier place than was known, Redis may have
  /// been set back.
  ///
  /// - Parameters:
  ///   - place: where the snapshot stands.
  ///   - known: where the totals stand; nil if there are none.
  public mutating func snapshotCame(at place: ResumeToken, behind known: ResumeToken?) {
    guard let known else { return }
    if place.lineage != known.lineage { era.lineage += 1 }
    if place.lineage != known.lineage || place.position < known.position { era.history += 1 }
  }

  /// What was told too much was taken back: stamps begin anew, as in another lineage, and lists may be of the past.
  public mutating func renumbered() {
    era.lineage += 1
    era.history += 1
  }

  /// Clients were told what no hub holds at present: Redis may have been set back.
  public mutating func historyDoubted() { era.history += 1 }

  /// Whether tweets of a topic are held back at present.
  public func isHolding(_ topic: TopicID) -> Bool {
    guard isInterrupted || !asked.isEmpty || !toAsk.isEmpty else { return false }
    return (isInterrupted && memories[topic] != nil) || held[topic] != nil
  }

  /// From now on no hub tells what happens.
  ///
  /// - Parameter place: where the totals stand; nil if there are none.
  public mutating func outageBegan(at place: ResumeToken? = nil) {
    isInterrupted = true
    stood = place
  }

  /// Hubs tell again.
  ///
  /// - Parameter topics: those with clients.
  /// - Returns: what goes on now: what was held back of other topics.
  public mutating func outageEnded(topics: [TopicID]) -> [TopicEvent] {
    guard isInterrupted else { return [] }
    isInterrupted = false
    let wanted = Set(topics.filter { memories[$0] != nil })
    let released = held.keys.filter { !wanted.contains($0) && !asked.contains($0) }.flatMap { release($0) }
    for topic in wanted where held[topic] == nil { held[topic] = [] }
    toAsk = Array(wanted.subtracting(asked))
    return released
  }

  /// The topics to ask about now.
  public mutating func takeQuestions() -> [TopicID] {
    let count = min(toAsk.count, Self.questionsMaximum - asked.count)
    guard count > 0 else { return [] }
    let topics = Array(toAsk.suffix(count))
    toAsk.removeLast(count)
    asked.formUnion(topics)
    return topics
  }

  /// The question about a topic has been answered, or can not be.
  ///
  /// - Parameters:
  ///   - payloads: its last tweets, oldest first; nil if nobody can tell.
  ///   - place: where the hub stands that answered; nil if that is not known.
  /// - Returns: what goes on now, in order.
  public mutating func answered(
    _ topic: TopicID, _ payloads: [[UInt8]]?, at place: ResumeToken? = nil
  ) -> [TopicEvent] {
    guard asked.remove(topic) != nil else { return [] }
    let behind = takeHeld(topic)
    guard let payloads, let memory = memories[topic] else { return take(behind[...], of: topic) }
    let listed = payloads.map(Self.digest)
    let isPresent = memory.era.history == era.history && !isOfPast(place)
    let known = Set(isPresent ? memory.digests : memory.digests.suffix(1))
    let last = listed.lastIndex { known.contains($0) }
    // More can have been missed than a list holds only if it is full.
    let isAllNew = isPresent && listed.count == Tweets.maximumCount
    guard let start = last.map({ $0 + 1 }) ?? (isAllNew ? 0 : nil) else {
      // All of the list may be of the past. But for what is held it counts as told.
      let news = Set(behind.map(\.digest))
      remember(listed.filter { !news.contains($0) }, toldFrom: nil, of: topic)
      return take(behind[...], of: topic)
    }
    // What is held and in the list has its place there. What is held before that was pushed out of the list; so was
    // everything that is held, if the list has nothing in common with what was told.
    let inList = Set(listed)
    let rest =
      behind.lastIndex { inList.contains($0.digest) }.map { $0 + 1 } ?? (last == nil ? behind.count : 0)
    let pushedOut = take(behind[..<rest].filter { !inList.contains($0.digest) }[...], of: topic)
    remember(listed, toldFrom: start, of: topic)
    // They come from a hub as payloads of events do: none is too long, or no text.
    let news = payloads[start...].compactMap {
      try? TopicEvent(stamp: .origin, source: .details(topic), payload: $0)
    }
    return pushedOut + news + take(behind[rest...], of: topic)
  }

  /// Whether a hub has not come as far as we had when the outage began: Redis may have been set back.
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

  /// Those of some events that go on.
  private mutating func take(_ events: ArraySlice<Held>, of topic: TopicID) -> [TopicEvent] {
    events.filter { goesOn($0, of: topic) }.map(\.event)
  }

  private mutating func giveUp() -> [TopicEvent] {
    isInterrupted = false
    toAsk = []
    asked = []
    return held.keys.flatMap { release($0) }
  }

  /// Whether an event is none that went on before; if so, it is remembered.
  private mutating func goesOn(_ held: Held, of topic: TopicID) -> Bool {
    var memory = memories[topic] ?? TweetMemory(held.era)
    defer { memories[topic] = memory }
    return memory.eventCame(held.digest, in: held.era)
  }

  /// A list has come, and what is new of it goes on: from a place in it on, or nothing.
  private mutating func remember(_ list: [UInt64], toldFrom start: Int?, of topic: TopicID) {
    guard !list.isEmpty, var memory = memories[topic] else { return }
    memory.listCame(list, toldFrom: start)
    memories[topic] = memory
  }

  /// Tells tweets apart well enough: the FNV-1a hash of 64 bits.
  static func digest(_ payload: [UInt8]) -> UInt64 {
    payload.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
