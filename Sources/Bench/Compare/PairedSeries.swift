/// Figures taken alternately, of the server and of a reference, so that other load on the machine affects both.
struct PairedSeries: Equatable, Sendable {
  /// The figures of one turn.
  struct Pair: Equatable, Sendable {
    /// The server's figure.
    let ours: Double
    /// The reference; nil if the figure is compared only with its limit.
    let reference: Double?
    /// Whether every client received exactly what it should.
    let isExact: Bool

    /// The value that is compared with the limit.
    var figure: Double { reference.map { ours / max($0, .leastNonzeroMagnitude) } ?? ours }
  }

  /// All turns.
  private(set) var pairs: [Pair] = []

  mutating func append(_ pair: Pair) { pairs.append(pair) }

  /// Whether every client received exactly what it should, in every turn.
  var isExact: Bool { pairs.allSatisfy(\.isExact) }
  var ours: Double { Self.median(pairs.map(\.ours)) }
  var reference: Double? {
    let references = pairs.compactMap(\.reference)
    return references.isEmpty ? nil : Self.median(references)
  }
  /// The median of the turns' figures, which is not the figure of the medians.
  var figure: Double { Self.median(pairs.map(\.figure)) }
  var least: Double { pairs.map(\.figure).min() ?? .nan }
  var greatest: Double { pairs.map(\.figure).max() ?? .nan }

  /// The middle value, or the mean of the two in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
