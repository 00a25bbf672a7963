import Primitives

/// Evenly spaced moments: a start, and every whole multiple of an interval after it.
///
/// The grid is absolute. A late tick does not move the following ones (no drift), and missed ticks are not made up
/// for (no burst after a stall).
package struct TickGrid: Equatable, Sendable {
  private let start: Instant
  private let interval: UInt64

  /// - Parameters:
  ///   - start: a moment of the grid; the grid has none before it.
  ///   - interval: the distance between two moments, more than zero.
  package init(start: Instant, interval: Duration) {
    precondition(interval.wholeNanoseconds > 0, "a grid needs an interval of more than zero")
    self.start = start
    self.interval = UInt64(interval.wholeNanoseconds)
  }

  /// The first moment of the grid that is later than the given one.
  package func nextTick(after now: Instant) -> Instant {
    guard now >= start else { return start }
    let past = (now.nanoseconds - start.nanoseconds) / interval
    return Instant(nanoseconds: start.nanoseconds + (past + 1) * interval)
  }
}
