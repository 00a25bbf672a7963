import Glibc
import Primitives

/// The clock of the drivers, which pass its time to the pure state machines.
package enum MonotonicClock {
  /// The present moment of `CLOCK_MONOTONIC`.
  package static func now() -> Instant {
    let time = read(CLOCK_MONOTONIC)
    return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  /// The CPU time that the process has used (`CLOCK_PROCESS_CPUTIME_ID`).
  static func processorTime() -> Duration {
    let time = read(CLOCK_PROCESS_CPUTIME_ID)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time
  }

  /// Microseconds of wall time since 1970: for stamps shown to people or other machines, never for timers.
  package static func wallMicroseconds() -> UInt64 {
    let time = read(CLOCK_REALTIME)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
  }

  /// Seconds of wall time since 1970.
  package static func wallSeconds() -> Int64 { Int64(wallMicroseconds() / 1_000_000) }
}
