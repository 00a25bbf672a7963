import Glibc
import Reactor
import Service

/// `emojitrack-bench links`: one run with many edges without clients.
enum LinksCommand {
  static func run(_ settings: Settings<LinksDeclaration>) throws -> Int32 {
    let loop = try EventLoop()
    var result: Result<LinksReport, RunFailure>?
    let run = try LinksRun(settings, on: loop) {
      result = $0
      loop.stop()
    }
    withExtendedLifetime(run) { loop.run() }
    guard let result else { preconditionFailure("a run ended without a result") }
    let report = try result.get()
    StandardStream.write(TextTable.aligned(report.rows) + "\n", to: STDOUT_FILENO)
    return report.isGood ? EXIT_SUCCESS : EXIT_FAILURE
  }
}
