import Primitives
import Reactor

/// When a hub flushed what waits to be handed to the workers, by our monotonic clock.
///
/// A stamp is of the hub's wall clock. Where ours and the hub's are further apart than a minute, nothing is measured:
/// such clocks say nothing, and what waited for so long is not what the latency is about.
enum HubStamp {
  private static let ageMaximum = Duration.seconds(60)

  /// - Parameter stamp: microseconds since 1970, by the hub's clock. One that is in the future counts as now.
  static func instant(of stamp: UInt64) -> Instant? {
    let wall = MonotonicClock.wallMicroseconds()
    guard stamp > 0 else { return nil }
    let age = Duration.microseconds(Int64(clamping: wall - min(wall, stamp)))
    let lead = Duration.microseconds(Int64(clamping: stamp - min(wall, stamp)))
    guard age <= ageMaximum, lead <= ageMaximum else { return nil }
    return MonotonicClock.now().advanced(by: .zero - age)
  }
}
