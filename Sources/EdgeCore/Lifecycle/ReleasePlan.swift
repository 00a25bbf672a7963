public import Primitives

/// When each of a number of clients goes that an edge releases: one after the other, evenly over a time.
///
/// ```
///  start                        start + span
///    │ 1   2   3   4   5   6   7 │
/// ```
/// After a stall the rest keeps its pace instead of making up for what was missed: a wave is what the plan is to prevent.
public struct ReleasePlan: Equatable, Sendable {
  /// What a loop may be late by without the plan being put off.
  static let toleratedDelay = Duration.milliseconds(100)

  /// How many clients are to go.
  public let count: Int
  /// How many have gone.
  public private(set) var released = 0
  private let interval: Duration
  private var start: Instant

  /// - Parameters:
  ///   - count: how many clients are to go.
  ///   - span: over what time, from now on; zero for all at once.
  public init(count: Int, over span: Duration, from now: Instant) {
    self.count = count
    interval = count > 0 ? span / count : .zero
    start = now
  }

  /// How many are still to go.
  public var remaining: Int { count - released }

  /// When the next one goes; nil when all have gone.
  public var deadline: Instant? {
    released < count ? start.advanced(by: interval * released) : nil
  }

  /// Time has passed.
  ///
  /// - Returns: how many go now.
  public mutating func timerTriggered(now: Instant) -> Int {
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
