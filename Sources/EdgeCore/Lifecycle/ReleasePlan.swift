import Primitives

/// When each of a number of clients is released: one after the other, evenly over a time.
///
/// ```
///  start                        start + span
///    │ 1   2   3   4   5   6   7 │
/// ```
/// After a stall the remaining clients keep the pace and do not catch up, because the plan exists to prevent waves.
package struct ReleasePlan: Equatable, Sendable {
  /// How late the loop may be before the plan is postponed.
  static let toleratedDelay = Duration.milliseconds(100)

  /// The number of clients to release.
  package let count: Int
  /// The number of clients released so far.
  package private(set) var released = 0
  private let interval: Duration
  private var start: Instant

  /// - Parameters:
  ///   - count: the number of clients to release.
  ///   - span: the time over which they are released, from now on; zero for all at once.
  package init(count: Int, over span: Duration, from now: Instant) {
    self.count = count
    interval = count > 0 ? span / count : .zero
    start = now
  }

  /// The number of clients still to release.
  package var remaining: Int { count - released }

  /// When the next client is due; nil when all have been released.
  package var deadline: Instant? {
    released < count ? start.advanced(by: interval * released) : nil
  }

  /// The deadline has been reached, or time has passed.
  ///
  /// - Returns: the number of clients to release now.
  package mutating func timerTriggered(now: Instant) -> Int {
    guard let deadline, deadline <= now else { return 0 }
    let delay = deadline.duration(to: now)
    if delay > Self.toleratedDelay, interval > .zero { start = start.advanced(by: delay) }
    var due = 0
    while let deadline = self.deadline, deadline <= now {
      released += 1
      due += 1
    }
    return due
  }
}
