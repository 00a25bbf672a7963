import Foundation
import Testing

@Suite("Simulation")
struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  /// `make simulate` says which seeds; `make test` takes these.
  private static var seeds: ClosedRange<UInt64> {
    if let seed = environment["EMOJITRACK_SEED"].flatMap(UInt64.init) { return seed...seed }
    return 1...max(1, environment["EMOJITRACK_SEEDS"].flatMap(UInt64.init) ?? 24)
  }

  @Test("no seed shows a broken promise, and all agree at the end")
  func seeds() throws {
    let seeds = Self.seeds
    let violation = try SimulationRun.firstViolation(in: seeds) { count in
      print("\(count) of \(seeds.count) seeds")
    }
    #expect(violation == nil, "\(violation?.description ?? "")")
  }

  @Test("a seed gives the same run again")
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
