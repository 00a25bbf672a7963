public import Logging
import Synchronization

/// The level from which the process logs: common to all its loggers, and changeable while it runs.
public final class LogThreshold: Sendable {
  /// The threshold of the process.
  public static let shared = LogThreshold(.info)

  private let stored: Mutex<Logger.Level>

  init(_ level: Logger.Level) { stored = Mutex(level) }

  /// The lowest level that is logged.
  public var level: Logger.Level {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
