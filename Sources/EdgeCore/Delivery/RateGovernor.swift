import PlantedFaults
import Primitives

/// Lowers the rate of `eps` for all clients when a worker cannot serve them within a tick, and raises it again.
///
/// Without it a slow worker would be busy all the time, and connects, requests and raw events would wait. The rate
/// goes down in steps of two (59, 30, 15 … events a second); sums stay exact, because entries that are not flushed
/// are summed.
///
/// The measure is the duration of a flush, as a moving average: a single long flush, when the machine was busy
/// otherwise, changes nothing. The rate goes down when the average exceeds nine tenths of the present interval, and
/// up when it has been below 85 % of the next shorter interval for a second.
package struct RateGovernor: Sendable {
  /// How often the rate may be halved: to 1/32, about two events a second.
  package static let levelMaximum = 5
  private static let patience = Duration.seconds(1)
  /// How many flushes the average covers, and so the least number of flushes between two steps.
  private static let window: Int64 = 8

  private var tick: Int64
  /// The moving average, in nanoseconds.
  private var average: Int64 = 0
  private var flushesSinceStep: Int64 = 0
  private var calmSince: Instant?

  /// How often the rate is halved; 0 is the full rate.
  package private(set) var level = 0
  /// How often the rate went down, since the start.
  package private(set) var stepsDown: UInt64 = 0

  /// - Parameter tick: the interval of the full rate.
  package init(tick: Duration) {
    precondition(tick > .zero)
    self.tick = tick.wholeNanoseconds
  }

  /// A hub announced its tick interval.
  package mutating func tickChanged(to tick: Duration) {
    precondition(tick > .zero)
    self.tick = tick.wholeNanoseconds
    calmSince = nil
  }

  /// The least interval between flushes of `eps` at present; zero at the full rate, where the hub's ticks set the
  /// pace.
  package var interval: Duration { level == 0 ? .zero : .nanoseconds(present) }

  private var present: Int64 { tick << Int64(level) }

  /// A flush was written to all `eps` clients of the worker.
  ///
  /// - Parameter duration: how long the writes took.
  /// - Returns: whether the interval has changed.
  package mutating func flushFinished(after duration: Duration, now: Instant) -> Bool {
    average += (duration.wholeNanoseconds - average) / Self.window
    flushesSinceStep += 1
    if average > present * 9 / 10 { return !planted(.governorAsleep) && stepDown() }
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
