public import Primitives

/// Counts of the events delivered to clients.
public struct DeliveryCounters: Equatable, Sendable {
  /// Events that clients received unchanged.
  public var eventsSent: UInt64 = 0
  /// Events that clients received as part of a sum.
  public var eventsSummed: UInt64 = 0
  /// Events that clients did not receive, because they lagged too far.
  public var eventsSkipped: UInt64 = 0

  /// How long clients lagged until they were in step again.
  public var lag = DurationHistogram()

  /// All counts are zero.
  public init() {}

  /// Adds the counts of another stream.
  public mutating func add(_ other: DeliveryCounters) {
    eventsSent += other.eventsSent
    eventsSummed += other.eventsSummed
    eventsSkipped += other.eventsSkipped
    lag.add(other.lag)
  }
}
