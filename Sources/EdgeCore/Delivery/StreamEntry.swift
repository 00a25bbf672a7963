import HTTP

/// How a client that falls behind catches up.
enum LagPolicy: Sendable {
  /// One event that sums everything it missed: nothing is lost.
  case sum
  /// The oldest whole events are skipped, and counted.
  case skip
}

/// One or more whole events of a stream, rendered once and shared by all workers and all their clients.
package struct StreamEntry: Equatable, Sendable {
  /// The rendered events.
  package let bytes: [UInt8]
  /// How many events the bytes hold; 0 for a comment.
  package let eventCount: Int
  /// The growth in this entry, for sums with others (`eps` only).
  package let growth: [ScoreGrowth]
  /// The place that a client reaches with it (identified streams only).
  package let id: EventID?
  /// Whether another history begins with it: entries before and after it have no common sum.
  package let isReset: Bool

  /// An entry of a stream's log.
  package init(
    bytes: [UInt8], eventCount: Int, growth: [ScoreGrowth] = [], id: EventID? = nil, isReset: Bool = false
  ) {
    self.bytes = bytes
    self.eventCount = eventCount
    self.growth = growth
    self.id = id
    self.isReset = isReset
  }
}

/// An entry on its way from the link to a worker.
package struct StreamUpdate: Equatable, Sendable {
  /// The stream of the entry.
  package let kind: StreamKind
  /// The entry.
  package let entry: StreamEntry

  /// An entry for a stream.
  package init(kind: StreamKind, entry: StreamEntry) {
    self.kind = kind
    self.entry = entry
  }
}
