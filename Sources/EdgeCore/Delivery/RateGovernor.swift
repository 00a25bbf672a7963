public import Primitives

/// Lowers the rate of `eps` for everybody when a worker cannot serve all its clients within a tick, and raises it again.
///
/// Without it a worker that is too slow would be busy all the time, and connects, requests and raw events would wait. The rate
/// goes down in steps of two (59, 30, 15 … events a second); sums stay exact, for what is not flushed is summed.
/// It goes down when two flushes in a row took most of their interval, and up when for two seconds each would have taken less
/// than half of the next shorter one.
public struct RateGovernor: Sendable {
  /// How far the rate may go down: to 1/32, about two events a second.
  public static let levelMaximum = 5
  private static let patience = Duration.seconds(2)

  private let tick: Duration
  private var overruns = 0
  private var calmSince: Instant?

  /// How often the rate was halved; 0 is the full rate.
  public private(set) var level = 0
  /// How often it went down, since the start.
  public private(set) var stepsDown: UInt64 = 0

  /// - Parameter tick: the interval of the full rate.
  public init(tick: Duration) {
    precondition(tick > .zero)
    self.tick = tick
  }

  /// The interval at which `eps` is flushed at present, at the least; zero at the full rate, where the hub's ticks are the measure.
  public var interval: Duration { level == 0 ? .zero : tick * (1 << level) }

  /// All `eps` clients of the worker were written to.
  ///
  /// - Parameter duration: how long that took.
  /// - Returns: whether the interval has changed.
  public mutating func flushFinished(after duration: Duration, now: Instant) -> Bool {
    let present = tick * (1 << level)
    if duration * 5 > present * 4 { return overran() }
    overruns = 0
    guard level > 0, duration * 4 < present else {
      calmSince = nil
      return false
    }
    let since = calmSince ?? now
    calmSince = since
    guard since.advanced(by: Self.patience) <= now else { return false }
    level -= 1
    calmSince = nil
    return true
  }

  private mutating func overran() -> Bool {
    calmSince = nil
    overruns += 1
    guard overruns >= 2, level < Self.levelMaximum else { return false }
    overruns = 0
    level += 1
    stepsDown += 1
    return true
  }
}
