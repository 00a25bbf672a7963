import Glibc
import Reactor
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `emojitrack-bench compare`: runs the experiments, and compares their results with their limits.
enum CompareCommand {
  static func run(_ settings: Settings<CompareDeclaration>) throws -> Int32 {
    let bench = Workbench(
      edge: settings.edge, process: settings.process, redisURL: settings.redisURL, seconds: settings.seconds,
      authority: settings.authority,
      credentials: settings.edge.isTLS
        ? try FloorCommand.credentials(settings.certificate, settings.privateKey) : nil)
    var comparison = Comparison(isTLS: settings.edge.isTLS)
    for experiment in settings.experiments {
      var series = PairedSeries()
      let turns = experiment.isOnce ? 1 : settings.turns
      for turn in 1...turns {
        let pair = try experiment.measure(bench)
        series.append(pair)
        let figure = NumberText.decimal(pair.figure, 3)
        StandardStream.write(
          "\(experiment.name) \(turn) of \(turns): \(figure)\(pair.isExact ? "" : ", not exact")\n",
          to: STDERR_FILENO)
      }
      comparison.append(experiment, series)
    }
    let text = TextTable.aligned(comparison.rows) + "\n\n" + TextTable.aligned(comparison.promises) + "\n"
    StandardStream.write(text, to: STDOUT_FILENO)
    if let json = settings.json {
      try ConfigurationError.naming("json") { try Data(comparison.json).write(to: URL(filePath: json)) }
    }
    return comparison.isGood ? EXIT_SUCCESS : EXIT_FAILURE
  }
}
