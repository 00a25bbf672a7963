import Primitives

/// Keeps several hubs from updating a client more often than one hub would: each flushes once a tick, at moments of
/// its own.
///
/// An update is sent at once if the last one was a tick ago. Otherwise it waits for the next frame after that moment,
/// or for a little longer than a tick. So the updates follow the frames of one of the hubs, to the microsecond; if
/// that hub falls silent, they move into step with another.
package struct UpdatePacer: Sendable {
  private let isNeeded: Bool
  /// The tick interval of the hub that sent the last welcome; zero before the first.
  package private(set) var interval = Duration.zero
  private var updatedAt: Instant?

  /// When the waiting update is due; nil if none waits.
  package private(set) var deadline: Instant?

  /// - Parameter isNeeded: whether there are several hubs; otherwise nothing ever waits.
  package init(isNeeded: Bool) { self.isNeeded = isNeeded }

  /// A hub announced its tick interval.
  package mutating func tickIntervalChanged(to interval: Duration) { self.interval = interval }

  /// A frame with something new has just arrived.
  ///
  /// - Returns: whether to send the update now. If not, it is due at ``deadline``, or when another frame arrives.
  package mutating func updateCame(now: Instant) -> Bool {
    guard isNeeded else { return true }
    // A frame may be a little early, because the previous one was late.
    if let updatedAt, now < updatedAt.advanced(by: interval - interval / 16) {
      deadline = updatedAt.advanced(by: interval + interval / 6)
      return false
    }
    updated(at: now)
    return true
  }

  /// The deadline has been reached: the waiting update is sent now.
  package mutating func timerTriggered(now: Instant) { updated(at: now) }

  private mutating func updated(at now: Instant) {
    updatedAt = now
    deadline = nil
  }
}
