import Logging
import Reactor
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#endif

/// The log of an executable: lines on standard error.
///
/// Logging never waits: a ``LogWriter`` writes. When the process ends, by a return from `main` or by `exit`, it has a
/// moment to write the remaining lines.
package enum ServiceLog {
  /// How long the end of the process may be delayed by lines that are not written yet.
  private static let flushLimit = Duration.seconds(1)

  private static let writer = Mutex<LogWriter?>(nil)

  /// How many lines were dropped, because standard error did not accept them.
  package static var droppedLineCount: UInt64 { writer.withLock { $0 }?.droppedCount ?? 0 }

  /// Makes every `Logger` of the process write to standard error.
  ///
  /// To be called once, before the first `Logger` is created, and after `Signals.block()`.
  ///
  /// - Parameter label: the label of the notice about dropped lines.
  package static func bootstrap(format: LogFormat, level: Logger.Level, label: String) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let style = LogStyle(
      format, isTerminal: isTerminal, environment: isTerminal ? ProcessInfo.processInfo.environment : [:])
    LogThreshold.shared.level = level
    let writer = LogWriter(to: STDERR_FILENO) { dropped in
      LogLine(
        time: .now, level: .warning, label: label,
        message: "\(dropped) log lines were dropped: standard error did not accept them", fields: []
      ).rendered(style) + "\n"
    }
    Self.writer.withLock { $0 = writer }
    atexit { ServiceLog.flush() }
    LoggingSystem.bootstrap { label in
      ServiceLogHandler(label: label, threshold: .shared, style: style) { writer.append($0) }
    }
  }

  /// Writes a text that is valid only now to standard error, such as a progress line on a terminal; it is dropped if it
  /// would have to wait.
  package static func show(_ text: String) {
    writer.withLock { $0 }?.appendIfIdle(text)
  }

  private static func flush() {
    writer.withLock { $0 }?.flush(within: flushLimit)
  }
}

/// The format of lines, once their destination is known.
enum LogStyle: Equatable {
  case text(coloured: Bool)
  case json

  /// - Parameter environment: the variables; `NO_COLOR` (no-color.org) and `TERM=dumb` count.
  init(_ format: LogFormat, isTerminal: Bool, environment: [String: String]) {
    switch format {
    case .auto where !isTerminal, .json: self = .json
    case .auto, .text:
      let refusesColour = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
      self = .text(coloured: isTerminal && !refusesColour)
    }
  }
}
