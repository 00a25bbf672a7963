/// Figures that were taken in turns, ours and one to measure them by, so that whatever the machine was busy with
/// besides has met both.
struct PairedSeries: Equatable, Sendable {
  /// What one turn found.
  struct Pair: Equatable, Sendable {
    /// Our figure.
    let ours: Double
    /// The one that it is measured by; nil where the figure is measured by nothing but its limit.
    let reference: Double?
    /// Whether everybody got what there was to get.
    let isExact: Bool

    /// What is compared with the limit.
    var figure: Double { reference.map { ours / max($0, .leastNonzeroMagnitude) } ?? ours }
  }

  /// All turns.
  private(set) var pairs: [Pair] = []

  mutating func append(_ pair: Pair) { pairs.append(pair) }

  /// Whether everybody got what there was to get in every turn.
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

  /// The middle one, or the mean of the two in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
