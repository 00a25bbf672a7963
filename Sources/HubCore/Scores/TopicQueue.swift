import Primitives
public import Wire

/// The events of topics that wait for the tick, each with the stamp that it was given when it came.
public struct TopicQueue: Sendable {
  /// How many bytes of payload wait for the tick at most: with more, it must be emptied at once.
  public static let bytesMaximum = 1 << 20

  /// What was counted of one kind of event.
  private struct Counter {
    var position: Position = 0
    var next: UInt64 = 0

    mutating func stamp(at position: Position) -> TopicStamp {
      if self.position != position { self = Counter(position: position) }
      defer { next += 1 }
      return TopicStamp(position: position, ordinal: next)
    }

    /// The count at a position that turned out to be another; else that of what lies before the beginning.
    func moved(from before: Position, to after: Position, else first: Counter) -> Counter {
      let position = position.moved(from: before, to: after)
      return position > 0 ? Counter(position: position, next: next) : first
    }
  }

  private var events: [TopicEvent] = []
  private var byteCount = 0
  private var details = Counter()
  private var interaction = Counter()

  /// A queue of which nothing waits.
  public init() {}

  /// True if nothing waits.
  public var isEmpty: Bool { events.isEmpty }

  /// True if more waits than may.
  public var isOverfull: Bool { byteCount > Self.bytesMaximum }

  /// An event came.
  ///
  /// - Parameter position: the position of the totals at this very place in the stream of messages.
  public mutating func append(_ event: TopicEvent, at position: Position) {
    var event = event
    switch event.source {
    case .details: event.stamp = details.stamp(at: position)
    case .interaction: event.stamp = interaction.stamp(at: position)
    }
    events.append(event)
    byteCount += event.payload.count
  }

  /// The present position turned out to be another: increments were missed or lost, all of them before the first event that waits.
  /// So that stands as much further on, or back. What then lies before the beginning stands at 0, in its order.
  public mutating func moved(from before: Position, to after: Position) {
    var (detailsBefore, interactionBefore) = (Counter(), Counter())
    for index in events.indices {
      let stamp = events[index].stamp
      let position = stamp.position.moved(from: before, to: after)
      events[index].stamp =
        if position > 0 {
          TopicStamp(position: position, ordinal: stamp.ordinal)
        } else if case .details = events[index].source {
          detailsBefore.stamp(at: 0)
        } else {
          interactionBefore.stamp(at: 0)
        }
    }
    details = details.moved(from: before, to: after, else: detailsBefore)
    interaction = interaction.moved(from: before, to: after, else: interactionBefore)
  }

  /// The feed broke again before it was known where the events stand that came since it broke last: nobody can tell, and another hub's
  /// copies would not be known as such. Lists of tweets make up for them.
  ///
  /// - Returns: how many they were.
  public mutating func forgetUnplaced() -> Int {
    let count = events.count
    _ = takeAll()
    return count
  }

  /// Takes out what waits, in the order in which it came.
  public mutating func takeAll() -> [TopicEvent] {
    byteCount = 0
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }
}
