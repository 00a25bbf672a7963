import HTTP
import Wire

/// One plain number of ``WorkerCounters``: how it adds up over the workers, its metric, and its field in the report.
struct WorkerFigure: Sendable {
  /// How the numbers of two workers become one.
  enum Addition: Sendable {
    case sum
    case maximum
  }

  /// A metric without labels.
  struct Metric: Sendable {
    /// With its unit last, as in `emojitrack_edge_bytes_sent_total`.
    let name: StaticString
    let kind: MetricFamily.Kind
    let help: String
    /// How many units of the number make one unit of the metric.
    let divisor: Double
  }

  /// Where the number is among the counters.
  typealias Path = any WritableKeyPath<WorkerCounters, UInt64> & Sendable

  let path: Path
  let addition: Addition
  /// Nil if the edge has no metric for the number alone.
  let metric: Metric?
  /// Nil if the hubs are not told the number.
  let field: ReportField?

  /// A number that only grows.
  static func counter(
    _ path: Path, _ name: StaticString, _ help: String, field: ReportField? = nil
  ) -> WorkerFigure {
    let metric = Metric(name: name, kind: .counter, help: help, divisor: 1)
    return WorkerFigure(path: path, addition: .sum, metric: metric, field: field)
  }

  /// A number that grows and shrinks.
  static func gauge(
    _ path: Path, _ name: StaticString, _ help: String, adding addition: Addition = .sum, divisor: Double = 1,
    field: ReportField? = nil
  ) -> WorkerFigure {
    let metric = Metric(name: name, kind: .gauge, help: help, divisor: divisor)
    return WorkerFigure(path: path, addition: addition, metric: metric, field: field)
  }

  /// A number without a metric of its own.
  static func part(_ path: Path, field: ReportField? = nil) -> WorkerFigure {
    WorkerFigure(path: path, addition: .sum, metric: nil, field: field)
  }

  /// Adds the number of another worker.
  func add(_ other: WorkerCounters, to counters: inout WorkerCounters) {
    switch addition {
    case .sum: counters[keyPath: path] += other[keyPath: path]
    case .maximum: counters[keyPath: path] = max(counters[keyPath: path], other[keyPath: path])
    }
  }

  /// Adds the metric, if there is one.
  func append(_ counters: WorkerCounters, to text: inout MetricsText) {
    guard let metric else { return }
    text.family(metric.name, metric.kind, help: metric.help)
    if metric.divisor == 1 {
      text.sample(counters[keyPath: path])
    } else {
      text.sample(Double(counters[keyPath: path]) / metric.divisor)
    }
  }
}
