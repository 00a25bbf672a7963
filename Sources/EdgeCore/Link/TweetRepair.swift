public import Wire

/// Makes up for the tweets that were missed while no hub told any.
///
/// It remembers of each topic which tweets went on last. From the beginning of an outage on it holds back what comes; when
/// the outage is over, the last tweets of each topic are asked for, what is new in the answer goes on, and then
/// what was held back. An answer that holds none of the remembered tweets is all new: more were missed than Redis keeps.
/// A topic that had no tweet before has nothing to compare with, and is not asked for.
public struct TweetRepair: Sendable {
  /// How many topics are asked for at a time.
  public static let questionsMaximum = 64
  /// How many bytes are held back. With more, repairs are given up: what comes matters more than what was.
  static let heldBytesMaximum = 8 << 20

  /// The last tweets of each topic that went on, oldest first.
  private var digests = RecentTable<TopicID, [UInt64]>()
  private var isInterrupted = false
  private var held: [TopicID: [TopicEvent]] = [:]
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
    guard isHolding(topic) else {
      remember(event.payload, of: topic)
      return [event]
    }
    held[topic, default: []].append(event)
    heldBytes += event.payload.count
    return heldBytes > Self.heldBytesMaximum ? giveUp() : []
  }

  /// A client begins with the last tweets of a topic, which hold all that went on before.
  ///
  /// - Parameter payloads: oldest first.
  public mutating func listTold(_ payloads: [[UInt8]], of topic: TopicID) {
    let told = payloads.map(Self.digest)
    let before = (digests[topic] ?? []).filter { !told.contains($0) }
    digests[topic] = Array((before + told).suffix(Tweets.maximumCount))
  }

  /// Whether tweets of a topic are held back at present.
  public func isHolding(_ topic: TopicID) -> Bool {
    guard isInterrupted || !asked.isEmpty || !toAsk.isEmpty else { return false }
    return (isInterrupted && digests[topic] != nil) || held[topic] != nil
  }

  /// From now on no hub tells what happens.
  public mutating func outageBegan() { isInterrupted = true }

  /// Hubs tell again.
  ///
  /// - Parameter topics: those with clients.
  /// - Returns: what goes on now: what was held back of other topics.
  public mutating func outageEnded(topics: [TopicID]) -> [TopicEvent] {
    guard isInterrupted else { return [] }
    isInterrupted = false
    let wanted = Set(topics.filter { digests[$0] != nil })
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
  /// - Parameter payloads: its last tweets, oldest first; nil if nobody can tell.
  /// - Returns: what goes on now, in order.
  public mutating func answered(_ topic: TopicID, _ payloads: [[UInt8]]?) -> [TopicEvent] {
    guard asked.remove(topic) != nil, let behind = held[topic] else { return [] }
    let missed = missed(of: topic, in: payloads ?? [], before: behind)
    for payload in missed { remember(payload, of: topic) }
    // They come from a hub as payloads of events do: none is too long, or no text.
    let events = missed.compactMap {
      try? TopicEvent(stamp: .origin, source: .details(topic), payload: $0)
    }
    return events + release(topic)
  }

  private func missed(
    of topic: TopicID, in payloads: [[UInt8]], before behind: [TopicEvent]
  ) -> ArraySlice<[UInt8]> {
    let told = payloads.map(Self.digest)
    let held = Set(behind.map { Self.digest($0.payload) })
    let end = told.firstIndex { held.contains($0) } ?? told.endIndex
    let known = Set(digests[topic] ?? [])
    let last = told[..<end].lastIndex { known.contains($0) }
    return payloads[(last.map { $0 + 1 } ?? 0)..<end]
  }

  private mutating func release(_ topic: TopicID) -> [TopicEvent] {
    let events = held.removeValue(forKey: topic) ?? []
    for event in events {
      heldBytes -= event.payload.count
      remember(event.payload, of: topic)
    }
    return events
  }

  private mutating func giveUp() -> [TopicEvent] {
    isInterrupted = false
    toAsk = []
    asked = []
    return held.keys.flatMap { release($0) }
  }

  private mutating func remember(_ payload: [UInt8], of topic: TopicID) {
    var last = digests[topic] ?? []
    if last.count == Tweets.maximumCount { last.removeFirst() }
    last.append(Self.digest(payload))
    digests[topic] = last
  }

  /// Tells tweets apart well enough: the FNV-1a hash of 64 bits.
  static func digest(_ payload: [UInt8]) -> UInt64 {
    payload.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
