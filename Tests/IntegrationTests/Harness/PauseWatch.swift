import Primitives

/// Measures how long a client receives nothing, although there is always something to send.
struct PauseWatch: Sendable {
  private var lastEventAt: Instant
  private var longest = Duration.zero

  init(now: Instant) { lastEventAt = now }

  /// Something arrived.
  mutating func heard(at now: Instant) {
    longest = max(longest, lastEventAt.duration(to: now))
    lastEventAt = now
  }

  /// The longest pause since the last call, including one that has not ended.
  mutating func takeLongest(now: Instant) -> Duration {
    defer { longest = .zero }
    return max(longest, lastEventAt.duration(to: now))
  }
}
