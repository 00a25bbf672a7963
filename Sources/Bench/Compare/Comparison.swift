import HTTP

/// The results of the experiments.
struct Comparison: Sendable {
  /// Whether the edge serves TLS.
  let isTLS: Bool
  private(set) var results: [(experiment: Experiment, series: PairedSeries)] = []

  mutating func append(_ experiment: Experiment, _ series: PairedSeries) {
    results.append((experiment, series))
  }

  init(isTLS: Bool) { self.isTLS = isTLS }

  /// Whether every promise was kept.
  var isGood: Bool { results.allSatisfy { verdict($0.experiment, $0.series) == "kept" } }

  /// The results as rows of a table.
  var rows: [[String]] {
    [["", "ours", "compared with", "figure", "least … greatest", "at most", ""]]
      + results.map { experiment, series in
        [
          experiment.name, Self.text(series.ours, experiment.unit),
          series.reference.map { Self.text($0, experiment.unit) } ?? "",
          NumberText.decimal(series.figure, 3),
          "\(NumberText.decimal(series.least, 3)) … \(NumberText.decimal(series.greatest, 3))",
          NumberText.decimal(limit(of: experiment)), verdict(experiment, series),
        ]
      }
  }

  /// The promise of each experiment, as rows.
  var promises: [[String]] { results.map { [$0.experiment.name, $0.experiment.promise] } }

  /// The results as JSON.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.array { writer in
      for (experiment, series) in results {
        writer.object { writer in
          writer.member("name", experiment.name)
          writer.member("promise", experiment.promise)
          writer.member("unit", experiment.unit)
          writer.member("limit", limit(of: experiment))
          writer.member("figure", series.figure)
          writer.member("verdict", verdict(experiment, series))
          writer.member("turns") { writer in
            writer.array { writer in
              for pair in series.pairs { Self.write(pair, to: &writer) }
            }
          }
        }
      }
    }
    return writer.bytes
  }

  private static func write(_ pair: PairedSeries.Pair, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("ours", pair.ours)
      if let reference = pair.reference { writer.member("reference", reference) }
      writer.member("exact", pair.isExact)
    }
  }

  private func limit(of experiment: Experiment) -> Double {
    isTLS ? experiment.limitOverTLS ?? experiment.limit : experiment.limit
  }

  private func verdict(_ experiment: Experiment, _ series: PairedSeries) -> String {
    if !series.isExact { return "not exact" }
    return series.figure <= limit(of: experiment) ? "kept" : "missed"
  }

  private static func text(_ figure: Double, _ unit: String) -> String {
    unit.isEmpty ? NumberText.decimal(figure, 3) : "\(NumberText.decimal(figure, 3)) \(unit)"
  }
}
