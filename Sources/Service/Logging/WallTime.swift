import Primitives
import Reactor

/// The time of day, for log lines: no timer depends on it.
struct WallTime: Equatable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
  let milliseconds: Int64

  /// The time on the machine's clock.
  static var now: WallTime { WallTime(milliseconds: Int64(MonotonicClock.wallMicroseconds() / 1_000)) }

  /// ISO 8601, UTC, with milliseconds: `2026-02-28T23:59:59.999Z`.
  var description: String {
    let (seconds, rest) = milliseconds.flooredQuotientAndRemainder(by: 1_000)
    return "\(CalendarTime(unixSeconds: seconds).iso8601).\(CalendarTime.padded(Int(rest), 3))Z"
  }
}
