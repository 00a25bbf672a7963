public import HTTP

/// How a client that falls behind is brought back.
enum LagPolicy: Sendable {
  /// By one event that sums all that it missed: nothing is lost.
  case sum
  /// By skipping the oldest whole events, which are counted.
  case skip
}

/// One or more whole events of a stream, rendered once and shared by all workers and all their clients.
public struct StreamEntry: Equatable, Sendable {
  /// The events as they go over the wire.
  public let bytes: [UInt8]
  /// How many events the bytes hold; 0 for a comment.
  public let eventCount: Int
  /// What a sum of this entry and others is made of (`eps` only).
  public let growth: [ScoreGrowth]
  /// The place that a client has reached with it (identified streams only).
  public let id: EventID?
  /// Whether another history begins with it: what comes before and after it has no common sum.
  public let isReset: Bool

  /// An entry.
  public init(
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
public struct StreamUpdate: Equatable, Sendable {
  /// Whose entry it is.
  public let kind: StreamKind
  /// The entry.
  public let entry: StreamEntry

  /// An update.
  public init(kind: StreamKind, entry: StreamEntry) {
    self.kind = kind
    self.entry = entry
  }
}
