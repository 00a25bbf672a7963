import Logging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#endif

/// The log of an executable: lines on the standard error.
public enum ServiceLog {
  /// Makes every `Logger` of the process write to the standard error.
  ///
  /// To be called once, before the first `Logger` is made.
  public static func bootstrap(format: LogFormat, level: Logger.Level) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let style = LogStyle(
      format, isTerminal: isTerminal, environment: isTerminal ? ProcessInfo.processInfo.environment : [:])
    LogThreshold.shared.level = level
    LoggingSystem.bootstrap { label in
      ServiceLogHandler(label: label, threshold: .shared, style: style)
    }
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
