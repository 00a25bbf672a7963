import PlantedFaults
import Primitives
import Wire

/// The topic events that wait for the tick, each with the stamp from its arrival.
package struct TopicQueue: Sendable {
  /// How many bytes of payload may wait for the tick; with more, the queue must be emptied at once.
  package static let bytesMaximum = 1 << 20

  /// The counts of one kind of event.
  private struct Counter {
    var position: Position = 0
    var next: UInt64 = 0

    mutating func stamp(at position: Position) -> TopicStamp {
      if self.position != position { self = Counter(position: position) }
      defer { next += 1 }
      return TopicStamp(position: position, ordinal: next)
    }

    /// The counter after its position was corrected; for a position before the beginning, `first`.
    func moved(from before: Position, to after: Position, else first: Counter) -> Counter {
      let position = position.moved(from: before, to: after)
      return position > 0 ? Counter(position: position, next: next) : first
    }
  }

  private var events: [TopicEvent] = []
  private var byteCount = 0
  private var details = Counter()
  private var interaction = Counter()

  /// An empty queue.
  package init() {}

  /// True if no event waits.
  package var isEmpty: Bool { events.isEmpty }

  /// True if more bytes wait than ``bytesMaximum``.
  package var isOverfull: Bool { byteCount > Self.bytesMaximum }

  /// An event arrived.
  ///
  /// - Parameter position: the position of the totals at this very place in the stream of messages.
  package mutating func append(_ event: TopicEvent, at position: Position) {
    var event = event
    switch event.source {
    case .details: event.stamp = details.stamp(at: position)
    case .interaction: event.stamp = interaction.stamp(at: position)
    }
    events.append(event)
    byteCount += event.payload.count
  }

  /// The present position was corrected: increments were missed or lost, all of them before the first waiting event.
  /// So the waiting events move by the same distance. Events that would then lie before the beginning get position 0,
  /// in their order.
  package mutating func moved(from before: Position, to after: Position) {
    // Also at position 0: an event there must not get a stamp that another one has.
    guard after != before else { return }
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

  /// The feed broke again before a fence placed the events that arrived since the last break: their positions will
  /// never be known, and another hub's copies could not be recognized. Lists of tweets make up for them.
  ///
  /// - Returns: the number of dropped events.
  package mutating func forgetUnplaced() -> Int {
    let count = events.count
    _ = takeAll()
    return count
  }

  /// Takes out the waiting events, in the order of arrival.
  package mutating func takeAll() -> [TopicEvent] {
    byteCount = 0
    defer { events.removeAll(keepingCapacity: true) }
    return planted(.topicEventsReversed) ? events.reversed() : events
  }
}
