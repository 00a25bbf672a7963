import Primitives

/// How clients are released within a window, so that all of them are back, elsewhere, by its end.
///
/// Each is told to come back after a jittered delay. The delays are short where the window is, and the last client is
/// let go so early that its delay ends within the window. So clients return over nearly the whole of the window, and
/// never at more than twice the mean rate: they are let go over at least half of it, evenly.
public struct ReleasePace: Equatable, Sendable {
  /// How long after the window what is left is cut off.
  public static let grace = Duration.seconds(5)
  /// What a window may be.
  public static let allowedWindow = Duration.zero ... .seconds(3600)

  /// What released clients are told.
  public let retry: RetryDelay
  /// Over which time they are let go.
  public let span: Duration

  /// - Parameters:
  ///   - window: in ``allowedWindow``.
  ///   - retry: what clients are told whose stream ends by itself; those that are released never wait longer.
  public init(window: Duration, retry: RetryDelay) {
    self.retry = retry.shortened(to: window / 5)
    span = max(window - self.retry.longest, window / 2)
  }
}

extension RetryDelay {
  /// The longest delay that a client may be told.
  var longest: Duration { .milliseconds(base + base / 2) }

  /// The same, or a shorter one with about that mean.
  func shortened(to mean: Duration) -> RetryDelay {
    let milliseconds = Int(clamping: mean.wholeMilliseconds)
    let limits = Self.allowedMilliseconds
    return RetryDelay(milliseconds: min(max(milliseconds, limits.lowerBound), Int(base))) ?? self
  }
}
