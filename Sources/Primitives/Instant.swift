/// A moment on the machine's monotonic clock, in nanoseconds since an arbitrary origin.
///
/// Pure code never asks for the time: its driver passes an `Instant` in. No timer of the project depends on wall
/// time, so a clock that is set forwards or backwards changes nothing.
package struct Instant: InstantProtocol, Sendable {
  /// Nanoseconds since the origin of the clock (on Linux, the boot of the machine).
  package let nanoseconds: UInt64

  /// A moment that many nanoseconds after the origin of the clock.
  package init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The origin of the clock: earlier than every moment in a running process.
  package static let origin = Instant(nanoseconds: 0)

  /// This moment moved by a duration, clamped to the range of 64 bits of nanoseconds.
  package func advanced(by duration: Duration) -> Instant {
    let offset = duration.wholeNanoseconds
    let (moved, isOutside) =
      offset < 0
      ? nanoseconds.subtractingReportingOverflow(offset.magnitude)
      : nanoseconds.addingReportingOverflow(offset.magnitude)
    return Instant(nanoseconds: isOutside ? (offset < 0 ? .min : .max) : moved)
  }

  /// The time from this moment to another; negative if the other one is earlier.
  package func duration(to other: Instant) -> Duration {
    if other < self { return .zero - other.duration(to: self) }
    return .nanoseconds(Int64(clamping: other.nanoseconds - nanoseconds))
  }

  /// True if the left moment is the earlier one.
  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds, clamped to the range of 64 bits (292 years).
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }

  /// The duration in whole milliseconds, rounded towards zero.
  package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

extension Instant {
  /// The earlier of two; nil if there is neither.
  package static func earliest(_ first: Instant?, _ second: Instant?) -> Instant? {
    guard let first, let second else { return first ?? second }
    return min(first, second)
  }
}
