public import Primitives

/// Lowers the rate of `eps` for everybody when a worker cannot serve all its clients within a tick, and raises it again.
///
/// Without it a worker that is too slow would be busy all the time, and connects, requests and raw events would wait. The
/// rate goes down in steps of two (59, 30, 15 … events a second); sums stay exact, for what is not flushed is summed.
///
/// The measure is how long a flush takes, on a moving average: a single long one, when the machine was busy with
/// something else, changes nothing. The rate goes down when the average is over nine tenths of the present interval, and
/// up when it has been less than 85 % of the next shorter one for a second.
public struct RateGovernor: Sendable {
  /// How far the rate may go down: to 1/32, about two events a second.
  public static let levelMaximum = 5
  private static let patience = Duration.seconds(1)
  /// How many flushes the average is of, and so how many there are at the least from one step to the next.
  private static let window: Int64 = 8

  private var tick: Int64
  /// The average, in nanoseconds.
  private var average: Int64 = 0
  private var flushesSinceStep: Int64 = 0
  private var calmSince: Instant?

  /// How often the rate was halved; 0 is the full rate.
  public private(set) var level = 0
  /// How often it went down, since the start.
  public private(set) var stepsDown: UInt64 = 0

  /// - Parameter tick: the interval of the full rate.
  public init(tick: Duration) {
    precondition(tick > .zero)
    self.tick = tick.wholeNanoseconds
  }

  /// A hub said how far apart its flushes are.
  public mutating func tickChanged(to tick: Duration) {
    precondition(tick > .zero)
    self.tick = tick.wholeNanoseconds
    calmSince = nil
  }

  /// The interval at which `eps` is flushed at present, at the least; zero at the full rate, where the hub's ticks are the
  /// measure.
  public var interval: Duration { level == 0 ? .zero : .nanoseconds(present) }

  private var present: Int64 { tick << Int64(level) }

  /// All `eps` clients of the worker were written to.
  ///
  /// - Parameter duration: how long that took.
  /// - Returns: whether the interval has changed.
  public mutating func flushFinished(after duration: Duration, now: Instant) -> Bool {
    average += (duration.wholeNanoseconds - average) / Self.window
    flushesSinceStep += 1
    if average > present * 9 / 10 { return stepDown() }
    guard level > 0, average < present * 17 / 40 else {
      calmSince = nil
      return false
    }
    let since = calmSince ?? now
    calmSince = since
    guard since.advanced(by: Self.patience) <= now else { return false }
    level -= 1
    step()
    return true
  }

  private mutating func stepDown() -> Bool {
    calmSince = nil
    guard flushesSinceStep >= Self.window, level < Self.levelMaximum else { return false }
    level += 1
    stepsDown += 1
    step()
    return true
  }

  private mutating func step() {
    flushesSinceStep = 0
    calmSince = nil
  }
}
