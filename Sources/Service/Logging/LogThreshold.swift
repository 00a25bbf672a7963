import Logging
import Synchronization

/// The level from which the process logs: common to all its loggers, and changeable while it runs.
package final class LogThreshold: Sendable {
  /// The threshold of the process.
  package static let shared = LogThreshold(.info)

  private let stored: Mutex<Logger.Level>

  init(_ level: Logger.Level) { stored = Mutex(level) }

  /// The lowest level that is logged.
  package var level: Logger.Level {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
