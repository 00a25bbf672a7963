public import Primitives

/// Keeps several hubs from making a client's stream faster than one would: each flushes once a tick, and they do not agree on
/// when.
///
/// What comes goes on at once if the last update was a tick ago, and else waits: for the next frame behind that moment, or
/// for a little longer than a tick. So the updates fall in step with the frames of one of the hubs, whose times they then
/// share to the microsecond; if that hub falls silent, they drift into step with another's.
public struct UpdatePacer: Sendable {
  private let isNeeded: Bool
  /// How far apart the flushes are of the hub that spoke last; zero before any did.
  public private(set) var interval = Duration.zero
  private var updatedAt: Instant?

  /// When what waits is due; nil if nothing does.
  public private(set) var deadline: Instant?

  /// - Parameter isNeeded: whether there are several hubs; otherwise nothing ever waits.
  public init(isNeeded: Bool) { self.isNeeded = isNeeded }

  /// A hub said how far apart its flushes are.
  public mutating func tickIntervalChanged(to interval: Duration) { self.interval = interval }

  /// There is something to tell, and a frame has just come.
  ///
  /// - Returns: whether to tell it now. If not, it is due at ``deadline``, or when another frame comes.
  public mutating func updateCame(now: Instant) -> Bool {
    guard isNeeded else { return true }
    // A frame may be a little early: it was the one before that was late.
    if let updatedAt, now < updatedAt.advanced(by: interval - interval / 16) {
      deadline = updatedAt.advanced(by: interval + interval / 6)
      return false
    }
    updated(at: now)
    return true
  }

  /// The deadline has come: what waits is told now.
  public mutating func timerTriggered(now: Instant) { updated(at: now) }

  private mutating func updated(at now: Instant) {
    updatedAt = now
    deadline = nil
  }
}
