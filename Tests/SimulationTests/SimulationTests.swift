import Foundation
import PlantedFaults
import TestSupport
import Testing

@Suite("Simulation")
struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  /// `make simulate` sets the seeds; `make test` takes these.
  private static var seeds: ClosedRange<UInt64> {
    if let seed = environment["EMOJITRACK_SEED"].flatMap(UInt64.init) { return seed...seed }
    let first = environment["EMOJITRACK_FIRST"].flatMap(UInt64.init) ?? 1
    return first...first + max(1, environment["EMOJITRACK_SEEDS"].flatMap(UInt64.init) ?? 40) - 1
  }

  @Test("No seed breaks a promise, and all parts agree at the end")
  func seeds() throws {
    let seeds = Self.seeds
    let run = try SimulationRun(
      seeds, traceCount: Self.environment["EMOJITRACK_TRACE"].flatMap(Int.init) ?? 40,
      // `make mutants` asks only whether a fault is found.
      stopsAtFirst: PlantedFault.active != nil
    ) { print("\($0) of \(seeds.count) seeds") }
    if let failure = run.failure { Issue.record("\(failure)") }
    print("Met: \(Happening.allCases.map { "\($0) \(run.tally[$0] ?? 0)" }.joined(separator: ", "))")
    guard run.violations.isEmpty, seeds.count >= 100 else { return }
    let unseen = Happening.allCases.filter { run.tally[$0] == nil }
    #expect(unseen.isEmpty, "no seed met \(unseen)")
  }

  @Test(
    "A seed repeats the same run",
    .enabled(if: environment["SWIFT_DETERMINISTIC_HASHING"] != nil, "sets have another order each time"))
  func repetition() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let first = try Simulation(seed: seed)
      let second = try Simulation(seed: seed)
      _ = first.run()
      _ = second.run()
      #expect(first.world.scheduler.step == second.world.scheduler.step)
      #expect(first.world.random.next() == second.world.random.next())
    }
  }
}
