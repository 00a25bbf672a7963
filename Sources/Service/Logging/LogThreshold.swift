public import Logging
import Synchronization

/// From which level on the process logs: the same for all its loggers, and changed while it runs.
public final class LogThreshold: Sendable {
  /// The process's own.
  public static let shared = LogThreshold(.info)

  private let stored: Mutex<Logger.Level>

  init(_ level: Logger.Level) { stored = Mutex(level) }

  /// The least severe level that is logged.
  public var level: Logger.Level {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
