import Primitives

/// Measures how long a client hears nothing, while there is always something to tell.
struct PauseWatch: Sendable {
  private var lastEventAt: Instant
  private var longest = Duration.zero

  init(now: Instant) { lastEventAt = now }

  /// Something came.
  mutating func heard(at now: Instant) {
    longest = max(longest, lastEventAt.duration(to: now))
    lastEventAt = now
  }

  /// The longest pause since this was last asked, with the one that still goes on.
  mutating func takeLongest(now: Instant) -> Duration {
    defer { longest = .zero }
    return max(longest, lastEventAt.duration(to: now))
  }
}
