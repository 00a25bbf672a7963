/// The CPU time per event of several servers, measured in turns.
struct CostTable: Equatable, Sendable {
  /// The servers, in the order in which they were first measured.
  private(set) var names: [String] = []
  /// The figures of each server, one for each turn.
  private var costs: [String: [Double]] = [:]

  /// A server took this time for each event, in microseconds, in its next turn.
  mutating func append(_ cost: Double, of name: String) {
    if costs[name] == nil { names.append(name) }
    costs[name, default: []].append(cost)
  }

  /// The ratios of a server to another one in each turn.
  func ratios(of name: String, to other: String) -> [Double]? {
    guard let ours = costs[name], let theirs = costs[other] else { return nil }
    return zip(ours, theirs).map { $0 / max($1, .leastNonzeroMagnitude) }
  }

  /// One row for each server: the median of its figures, and the median, the least and the greatest of its ratios to each of
  /// some servers.
  func rows(relativeTo others: [String]) -> [[String]] {
    let known = others.filter { costs[$0] != nil }
    return [["", "per event"] + known.flatMap { ["× \($0)", "least … greatest"] }]
      + names.map { name in
        [name, "\(NumberText.decimal(PairedSeries.median(costs[name] ?? []))) µs"]
          + known.flatMap { other in
            let ratios = ratios(of: name, to: other) ?? []
            return [
              NumberText.decimal(PairedSeries.median(ratios)),
              "\(NumberText.decimal(ratios.min() ?? .nan)) … \(NumberText.decimal(ratios.max() ?? .nan))",
            ]
          }
      }
  }
}
