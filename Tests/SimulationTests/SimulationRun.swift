/// The results of many seeds.
struct SimulationRun {
  /// All seeds with a broken promise.
  private(set) var violations: [Violation] = []
  /// How often each notable event happened.
  private(set) var tally: [Happening: Int] = [:]

  /// Runs seeds, one after the other.
  ///
  /// - Parameters:
  ///   - stopsAtFirst: whether to stop at the first violation.
  ///   - progress: called with the number of finished seeds, every 100 seeds.
  init(
    _ seeds: some Sequence<UInt64>, traceCount: Int = 40,
    stopsAtFirst: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws {
    var count = 0
    for seed in seeds {
      let simulation = try Simulation(seed: seed, traceCount: traceCount)
      if let violation = simulation.run() { violations.append(violation) }
      tally.merge(simulation.world.tally, uniquingKeysWith: +)
      count += 1
      if count.isMultiple(of: 100) { progress(count) }
      if stopsAtFirst && !violations.isEmpty { return }
    }
  }

  /// The first violation with all events that led to it, and the others in a line each; nil if there is none.
  var failure: String? {
    guard let first = violations.first else { return nil }
    let others = violations.dropFirst().map { "seed \($0.seed): \($0.promise): \($0.text)" }
    return ([first.description] + others).joined(separator: "\n")
  }
}
