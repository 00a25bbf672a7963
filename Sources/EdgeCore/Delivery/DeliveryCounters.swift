import Primitives

/// Counts of the events delivered to clients.
package struct DeliveryCounters: Equatable, Sendable {
  /// Events that clients received unchanged.
  package var eventsSent: UInt64 = 0
  /// Events that clients received as part of a sum.
  package var eventsSummed: UInt64 = 0
  /// Events that clients did not receive, because they lagged too far.
  package var eventsSkipped: UInt64 = 0

  /// How long clients lagged until they were in step again.
  package var lag = DurationHistogram()

  /// All counts are zero.
  package init() {}

  /// Adds the counts of another stream.
  package mutating func add(_ other: DeliveryCounters) {
    eventsSent += other.eventsSent
    eventsSummed += other.eventsSummed
    eventsSkipped += other.eventsSkipped
    lag.add(other.lag)
  }
}
