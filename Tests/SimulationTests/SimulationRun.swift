/// Many seeds, one after the other.
enum SimulationRun {
  /// Runs seeds until one shows a violation.
  ///
  /// - Parameter progress: called with the number of seeds that are done, every 100 of them.
  static func firstViolation(
    in seeds: some Sequence<UInt64>, _ implementation: Implementation = Implementation(),
    progress: (Int) -> Void = { _ in }
  ) throws -> Violation? {
    var count = 0
    for seed in seeds {
      if let violation = try Simulation(seed: seed, implementation).run() { return violation }
      count += 1
      if count.isMultiple(of: 100) { progress(count) }
    }
    return nil
  }
}
