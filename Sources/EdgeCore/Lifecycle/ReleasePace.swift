import Primitives

/// How clients are released within a window, so that all of them have reconnected to other edges by its end.
///
/// Each client is told to reconnect after a jittered delay. The delays are short if the window is, and the last
/// client is released so early that its delay ends within the window. So clients return over almost the whole window,
/// and never at more than twice the mean rate, because they are released evenly over at least half of it.
package struct ReleasePace: Equatable, Sendable {
  /// How long after the window the remaining clients are cut off.
  package static let grace = Duration.seconds(5)
  /// The duration of a window.
  package static let allowedWindow = Duration.zero ... .seconds(3600)

  /// The reconnection delay of released clients.
  package let retry: RetryDelay
  /// The time over which the clients are released.
  package let span: Duration

  /// - Parameters:
  ///   - window: in ``allowedWindow``.
  ///   - retry: the delay that applies when a stream ends by itself; released clients never wait longer.
  package init(window: Duration, retry: RetryDelay) {
    self.retry = retry.shortened(to: window / 5)
    span = max(window - self.retry.longest, window / 2)
  }
}

extension RetryDelay {
  /// The longest delay of one client.
  var longest: Duration { .milliseconds(base + base / 2) }

  /// Returns this delay, or a shorter one with about the given mean.
  func shortened(to mean: Duration) -> RetryDelay {
    let milliseconds = Int(clamping: mean.wholeMilliseconds)
    let limits = Self.allowedMilliseconds
    return RetryDelay(milliseconds: min(max(milliseconds, limits.lowerBound), Int(base))) ?? self
  }
}
