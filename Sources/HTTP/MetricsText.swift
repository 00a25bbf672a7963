import Primitives

/// Writes metrics in the text format of Prometheus, version 0.0.4.
///
/// A family is announced once, and its samples follow it. The names of metrics and labels are literals of ours and
/// must be valid there: `[A-Za-z_][A-Za-z0-9_]*`. The values of labels may be any text; that there are not too many
/// of them is the caller's part.
public struct MetricsText: Sendable {
  /// What the samples of a family mean.
  public enum Kind: String, Sendable {
    /// Only grows, until the process ends. Its name ends in `_total`.
    case counter
    /// Grows and shrinks.
    case gauge
    /// Quantiles, with `_sum` and `_count`.
    case summary
  }

  /// The media type.
  public static let mediaType: FieldValue = "text/plain; version=0.0.4; charset=utf-8"

  /// What was written so far.
  public private(set) var bytes: [UInt8] = []
  private var family = ""

  /// An empty text.
  public init() {}

  /// Begins a family.
  ///
  /// - Parameters:
  ///   - name: with its unit last, as in `emojitrack_edge_bytes_sent_total`.
  ///   - kind: what the samples mean.
  ///   - help: one line for people.
  public mutating func family(_ name: StaticString, _ kind: Kind, help: String) {
    family = name.description
    precondition(Self.isName(family), "a bad metric name in our own code")
    bytes.append(contentsOf: "# HELP \(family) ".utf8)
    appendEscaped(help, quote: false)
    bytes.append(contentsOf: "\n# TYPE \(family) \(kind.rawValue)\n".utf8)
  }

  /// Writes a sample of the current family that is a whole number.
  public mutating func sample(_ value: some FixedWidthInteger, labels: [(StaticString, String)] = []) {
    appendSample(suffix: "", labels: labels, value: String(value))
  }

  /// Writes a sample of the current family, which may be infinite or not a number.
  public mutating func sample(_ value: Double, labels: [(StaticString, String)] = []) {
    appendSample(suffix: "", labels: labels, value: Self.text(value))
  }

  /// Writes a family of the kind `summary` from a histogram: the quantiles 0.5, 0.9, 0.99 and 1, sum and count.
  ///
  /// - Parameter unit: what one recorded value is in the unit of the metric: 1e-9 for nanoseconds shown in seconds.
  public mutating func summary(
    _ histogram: Histogram, unit: Double = 1, labels: [(StaticString, String)] = []
  ) {
    for (share, name) in [(0.5, "0.5"), (0.9, "0.9"), (0.99, "0.99"), (1, "1")] {
      let value = Double(histogram.quantile(share)) * unit
      appendSample(suffix: "", labels: labels + [("quantile", name)], value: Self.text(value))
    }
    appendSample(suffix: "_sum", labels: labels, value: Self.text(Double(histogram.sum) * unit))
    appendSample(suffix: "_count", labels: labels, value: String(histogram.count))
  }

  private mutating func appendSample(suffix: String, labels: [(StaticString, String)], value: String) {
    precondition(!family.isEmpty, "a sample without a family in our own code")
    bytes.append(contentsOf: family.utf8)
    bytes.append(contentsOf: suffix.utf8)
    var separator = UInt8(ascii: "{")
    for (name, text) in labels {
      precondition(Self.isName(name.description), "a bad label name in our own code")
      bytes.append(separator)
      bytes.append(contentsOf: "\(name)=\"".utf8)
      appendEscaped(text, quote: true)
      bytes.append(UInt8(ascii: "\""))
      separator = UInt8(ascii: ",")
    }
    if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
    bytes.append(contentsOf: " \(value)\n".utf8)
  }

  /// Labels escape the quote as well, help texts do not.
  private mutating func appendEscaped(_ text: String, quote: Bool) {
    for byte in text.utf8 {
      switch byte {
      case .lineFeed: bytes.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\"") where quote: bytes.append(contentsOf: "\\\"".utf8)
      default: bytes.append(byte)
      }
    }
  }

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
