import Glibc
import Reactor
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `emojitrack-bench load`: one run with many clients.
enum LoadCommand {
  static func run(_ settings: Settings<LoadDeclaration>) throws -> Int32 {
    try run(LoadOptions(settings), json: settings.json)
  }

  /// Performs one run and prints its report.
  ///
  /// - Parameter json: the file for the report as JSON, if any.
  /// - Returns: the exit status.
  static func run(_ options: LoadOptions, json: String?) throws -> Int32 {
    let report = try run(options)
    StandardStream.write(TextTable.aligned(report.rows) + "\n", to: STDOUT_FILENO)
    if let json {
      try ConfigurationError.naming("json") { try Data(report.json).write(to: URL(filePath: json)) }
    }
    return report.isGood ? EXIT_SUCCESS : EXIT_FAILURE
  }

  /// Performs one run, on this thread.
  static func run(_ options: LoadOptions) throws -> LoadReport {
    let loop = try EventLoop()
    var result: Result<LoadReport, RunFailure>?
    let run = try LoadRun(options, on: loop) {
      result = $0
      loop.stop()
    }
    withExtendedLifetime(run) { loop.run() }
    guard let result else { preconditionFailure("a run ended without a result") }
    return try result.get()
  }
}
