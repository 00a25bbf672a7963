public import Primitives

/// What was delivered to clients.
public struct DeliveryCounters: Equatable, Sendable {
  /// Events that clients got as they were.
  public var eventsSent: UInt64 = 0
  /// Events that clients got as part of a sum.
  public var eventsSummed: UInt64 = 0
  /// Events that clients did not get, because they lagged too far.
  public var eventsSkipped: UInt64 = 0

  /// How long clients lagged until they were in step again.
  public var lag = DurationHistogram()

  /// Nothing yet.
  public init() {}

  /// Adds what another stream did.
  public mutating func add(_ other: DeliveryCounters) {
    eventsSent += other.eventsSent
    eventsSummed += other.eventsSummed
    eventsSkipped += other.eventsSkipped
    lag.add(other.lag)
  }
}
