import Primitives

/// Computes how many items are due, for a steady rate since a moment.
struct Pace: Equatable, Sendable {
  private let rate: UInt64
  private let start: Instant
  private var issued: UInt64 = 0

  /// - Parameter rate: items a second; 0 for none at all.
  init(rate: Int, from start: Instant) {
    self.rate = UInt64(max(0, rate))
    self.start = start
  }

  /// How many are due now, at most `limit`; they count as done. Items beyond the limit stay due.
  mutating func due(at now: Instant, limit: Int = .max) -> Int {
    let elapsed = now.nanoseconds - min(now.nanoseconds, start.nanoseconds)
    let (seconds, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000_000)
    let owed = seconds * rate + rest * rate / 1_000_000_000
    let count = min(owed - issued, UInt64(clamping: limit))
    issued += count
    return Int(count)
  }
}
