/// Many seeds, one after the other.
enum SimulationRun {
  /// Runs seeds until one shows a violation.
  ///
  /// - Parameter progress: called with the number of seeds that are done, every 100 of them.
  /// - Returns: the violation, and how often what happened.
  static func run(
    _ seeds: some Sequence<UInt64>, _ implementation: Implementation = Implementation(),
    traceCount: Int = 40, progress: (Int) -> Void = { _ in }
  ) throws -> (violation: Violation?, tally: [Happening: Int]) {
    var count = 0
    var tally: [Happening: Int] = [:]
    for seed in seeds {
      let simulation = try Simulation(seed: seed, implementation, traceCount: traceCount)
      let violation = simulation.run()
      tally.merge(simulation.world.tally, uniquingKeysWith: +)
      if let violation { return (violation, tally) }
      count += 1
      if count.isMultiple(of: 100) { progress(count) }
    }
    return (nil, tally)
  }
}
