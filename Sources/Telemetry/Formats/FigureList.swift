import HTTP
import Primitives

/// Metrics as single figures with a path, for formats without labels and histograms.
struct FigureList {
  /// One figure.
  struct Figure: Equatable {
    let path: String
    let value: Double
    /// Whether it is a counter.
    let isCumulative: Bool
    /// The path of the same counter in microseconds, if it is in seconds: for formats with whole numbers.
    var microsecondsPath: String?
  }

  private let prefix: String
  private let node: String
  /// The histograms at the last push, by their paths.
  private var histograms: [String: DurationHistogram] = [:]

  /// - Parameters:
  ///   - prefix: the beginning of all paths.
  ///   - node: follows the first two words of a metric's name.
  init(prefix: String, node: String) {
    self.prefix = prefix
    self.node = Self.word(node)
  }

  /// The figures of all samples.
  mutating func figures(of families: [MetricFamily]) -> [Figure] {
    var figures: [Figure] = []
    for family in families {
      for sample in family.samples {
        let path = path(of: family.name, sample)
        switch sample.value {
        case .whole(let value):
          figures.append(Figure(path: path, value: Double(value), isCumulative: family.kind == .counter))
        case .real(let value) where value.isFinite:
          figures.append(
            Figure(
              path: path, value: value, isCumulative: family.kind == .counter,
              microsecondsPath: microsecondsPath(of: family.name, sample)))
        case .real: break
        case .durations(let histogram):
          append(histogram, at: path, microsecondsPath(of: family.name, sample), to: &figures)
        }
      }
    }
    return figures
  }

  private mutating func append(
    _ histogram: DurationHistogram, at path: String, _ microsecondsPath: String?,
    to figures: inout [Figure]
  ) {
    let recent = histogram.since(histograms[path] ?? DurationHistogram())
    histograms[path] = histogram
    figures.append(Figure(path: path + ".count", value: Double(histogram.count), isCumulative: true))
    figures.append(
      Figure(
        path: path + ".sum", value: Double(histogram.sumMicroseconds) / 1e6, isCumulative: true,
        microsecondsPath: microsecondsPath.map { $0 + ".sum" }))
    guard recent.count > 0 else { return }
    for (word, share) in [("p50", 0.5), ("p99", 0.99)] {
      // Beyond the last bound only that bound is known, as a minimum.
      let bound = recent.quantile(share) ?? DurationHistogram.bounds.last ?? .zero
      figures.append(
        Figure(path: "\(path).\(word)", value: Double(bound.wholeNanoseconds) / 1e9, isCumulative: false))
    }
  }

  /// The path of a sample: `emojitrack_edge_clients{stream="eps"}` is at `PREFIX.edge.NODE.clients.eps`.
  private func path(of name: String, _ sample: MetricSample) -> String {
    let words = name.split(separator: "_", maxSplits: 2).map(String.init)
    let place = words.count == 3 ? [prefix, words[1], node, words[2]] : [prefix, node, name]
    return (place + sample.labels.map { Self.word($0.value) }).joined(separator: ".")
  }

  private func microsecondsPath(of name: String, _ sample: MetricSample) -> String? {
    guard name.contains("_seconds") else { return nil }
    return path(of: name.replacing("_seconds", with: "_microseconds"), sample)
  }

  /// The text without the characters that are special in Graphite or StatsD.
  private static func word(_ text: String) -> String {
    let bytes = text.utf8.map { byte in
      byte.isASCIIAlphanumeric || byte == UInt8(ascii: "-") ? byte : UInt8(ascii: "_")
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }
}
