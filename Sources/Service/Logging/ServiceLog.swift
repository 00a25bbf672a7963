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

/// The log of an executable: lines on the standard error.
///
/// To log never waits: a ``LogWriter`` writes. When the process ends, by a return from `main` or by `exit`, it has a moment to
/// write what is left.
public enum ServiceLog {
  /// How long the end of the process may take for lines that are not written yet.
  private static let flushLimit = Duration.seconds(1)

  private static let writer = Mutex<LogWriter?>(nil)

  /// How many lines were dropped, because the standard error did not take them.
  public static var droppedLineCount: UInt64 { writer.withLock { $0 }?.droppedCount ?? 0 }

  /// Makes every `Logger` of the process write to the standard error.
  ///
  /// To be called once, before the first `Logger` is made, and after `Signals.block()`.
  ///
  /// - Parameter label: who says that lines were dropped.
  public static func bootstrap(format: LogFormat, level: Logger.Level, label: String) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let style = LogStyle(
      format, isTerminal: isTerminal, environment: isTerminal ? ProcessInfo.processInfo.environment : [:])
    LogThreshold.shared.level = level
    let writer = LogWriter(to: STDERR_FILENO) { dropped in
      LogLine(
        time: .now, level: .warning, label: label,
        message: "\(dropped) log lines were dropped: the standard error did not take them", fields: []
      ).rendered(style) + "\n"
    }
    Self.writer.withLock { $0 = writer }
    atexit { ServiceLog.flush() }
    LoggingSystem.bootstrap { label in
      ServiceLogHandler(label: label, threshold: .shared, style: style) { writer.append($0) }
    }
  }

  /// Writes something to the standard error that holds only now, such as a progress on a terminal; it is left out where it
  /// would have to wait.
  public static func show(_ text: String) {
    writer.withLock { $0 }?.appendIfIdle(text)
  }

  private static func flush() {
    writer.withLock { $0 }?.flush(within: flushLimit)
  }
}

/// How lines look, once it is known where they go.
enum LogStyle: Equatable {
  case text(coloured: Bool)
  case json

  /// - Parameter environment: where `NO_COLOR` (no-color.org) and `TERM=dumb` are looked for.
  init(_ format: LogFormat, isTerminal: Bool, environment: [String: String]) {
    switch format {
    case .auto where !isTerminal, .json: self = .json
    case .auto, .text:
      let refusesColour = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
      self = .text(coloured: isTerminal && !refusesColour)
    }
  }
}
