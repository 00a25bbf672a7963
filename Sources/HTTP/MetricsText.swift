import Primitives

/// Collects metrics, and writes them in the text format of Prometheus, version 0.0.4.
///
/// A family is announced once, and its samples follow it. The names of metrics and labels are literals and must be
/// valid: `[A-Za-z_][A-Za-z0-9_]*`. The values of labels may be any text; the caller limits their number.
package struct MetricsText: Sendable {
  /// The media type.
  package static let mediaType: FieldValue = "text/plain; version=0.0.4; charset=utf-8"

  /// The bounds of the buckets of a histogram, in seconds, as text.
  private static let bounds = DurationHistogram.bounds.map { seconds(of: $0.wholeNanoseconds).description }

  /// The families collected so far.
  package private(set) var families: [MetricFamily] = []

  /// No metrics.
  package init() {}

  /// Begins a family.
  ///
  /// - Parameters:
  ///   - name: with its unit last, as in `emojitrack_edge_bytes_sent_total`.
  ///   - kind: the type of the metric.
  ///   - help: a one-line description for operators.
  package mutating func family(_ name: StaticString, _ kind: MetricFamily.Kind, help: String) {
    precondition(Self.isName(name.description), "a bad metric name in our own code")
    families.append(MetricFamily(name: name.description, kind: kind, help: help))
  }

  /// Adds a non-negative whole number to the current family.
  package mutating func sample(_ value: some FixedWidthInteger, labels: [(StaticString, String)] = []) {
    append(.whole(UInt64(clamping: value)), labels)
  }

  /// Adds a number to the current family; it may be infinite or NaN.
  package mutating func sample(_ value: Double, labels: [(StaticString, String)] = []) {
    append(.real(value), labels)
  }

  /// Adds a distribution to the current family, which must be a histogram.
  package mutating func sample(_ value: DurationHistogram, labels: [(StaticString, String)] = []) {
    precondition(families.last?.kind == .histogram, "a distribution that is no histogram in our own code")
    append(.durations(value), labels)
  }

  private mutating func append(_ value: MetricSample.Value, _ labels: [(StaticString, String)]) {
    precondition(!families.isEmpty, "a sample without a family in our own code")
    precondition(
      labels.allSatisfy { Self.isName($0.0.description) }, "a bad label name in our own code")
    families[families.count - 1].samples.append(
      MetricSample(labels: labels.map { (name: $0.0.description, value: $0.1) }, value: value))
  }

  // MARK: The text

  /// The text of all metrics. A family is announced even without samples, so that operators see which metrics exist.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for family in families {
      bytes.append(contentsOf: "# HELP \(family.name) ".utf8)
      Self.appendEscaped(family.help, quote: false, to: &bytes)
      bytes.append(contentsOf: "\n# TYPE \(family.name) \(family.kind.rawValue)\n".utf8)
      for sample in family.samples { Self.append(sample, of: family.name, to: &bytes) }
    }
    return bytes
  }

  private static func append(_ sample: MetricSample, of name: String, to bytes: inout [UInt8]) {
    switch sample.value {
    case .whole(let value): append(name, "", sample.labels, nil, String(value), to: &bytes)
    case .real(let value): append(name, "", sample.labels, nil, text(value), to: &bytes)
    case .durations(let histogram):
      var count: UInt64 = 0
      for (index, more) in histogram.counts.enumerated() {
        count &+= more
        let bound = index < bounds.count ? bounds[index] : "+Inf"
        append(name, "_bucket", sample.labels, bound, String(count), to: &bytes)
      }
      let sum = Double(histogram.sumMicroseconds) / 1e6
      append(name, "_sum", sample.labels, nil, text(sum), to: &bytes)
      append(name, "_count", sample.labels, nil, String(count), to: &bytes)
    }
  }

  private static func append(
    _ name: String, _ suffix: String, _ labels: [(name: String, value: String)], _ bound: String?,
    _ value: String, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: name.utf8)
    bytes.append(contentsOf: suffix.utf8)
    var separator = UInt8(ascii: "{")
    for (name, text) in labels + (bound.map { [(name: "le", value: $0)] } ?? []) {
      bytes.append(separator)
      bytes.append(contentsOf: "\(name)=\"".utf8)
      appendEscaped(text, quote: true, to: &bytes)
      bytes.append(UInt8(ascii: "\""))
      separator = UInt8(ascii: ",")
    }
    if separator == UInt8(ascii: ",") { bytes.append(UInt8(ascii: "}")) }
    bytes.append(contentsOf: " \(value)\n".utf8)
  }

  /// In labels the quote is escaped too, in help texts it is not.
  private static func appendEscaped(_ text: String, quote: Bool, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case .lineFeed: bytes.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\"") where quote: bytes.append(contentsOf: "\\\"".utf8)
      default: bytes.append(byte)
      }
    }
  }

  private static func seconds(of nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }

  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value.description
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !first.isASCIIDigit else { return false }
    return name.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") }
  }
}
