import Primitives
import Reactor

/// When a hub flushed the updates that wait for the workers, by our monotonic clock.
///
/// A stamp comes from the hub's wall clock. If it differs from ours by more than a minute, nothing is measured: such
/// clocks are unusable, and updates that waited that long do not belong in the latency.
enum HubStamp {
  private static let ageMaximum = Duration.seconds(60)

  /// - Parameter stamp: microseconds since 1970, by the hub's clock. A time in the future counts as now.
  static func instant(of stamp: UInt64) -> Instant? {
    let wall = MonotonicClock.wallMicroseconds()
    guard stamp > 0 else { return nil }
    let age = Duration.microseconds(Int64(clamping: wall - min(wall, stamp)))
    let lead = Duration.microseconds(Int64(clamping: stamp - min(wall, stamp)))
    guard age <= ageMaximum, lead <= ageMaximum else { return nil }
    return MonotonicClock.now().advanced(by: .zero - age)
  }
}
