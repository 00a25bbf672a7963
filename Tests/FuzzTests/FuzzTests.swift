import TestSupport
import Testing

/// The short form of `make fuzz`: it keeps the targets working, and finds what is easily found.
@Suite("Fuzz targets") struct FuzzTests {
  @Test("What must be true of any input is true of each seed", arguments: FuzzTarget.all.map(\.name))
  func seeds(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try target.seeds()
    #expect(!seeds.isEmpty)
    for seed in seeds { Self.check(seed, target) }
    Self.check([], target)
  }

  @Test("… and of seeded mutations of them", arguments: FuzzTarget.all.map(\.name))
  func mutations(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    var mutator = Mutator(
      random: SeededGenerator(seed: 2_026), seeds: try target.seeds(), sizeMaximum: target.sizeMaximum)
    let start = ContinuousClock.now
    var rounds = 0
    // The count is the rule. A machine that is busy ends earlier, but not without some hundred.
    while rounds < 2_000, rounds < 300 || start.duration(to: .now) < .seconds(2) {
      Self.check(mutator.next(), target)
      rounds += 1
    }
    #expect(rounds >= 300)
  }

  private static func check(_ input: [UInt8], _ target: FuzzTarget) {
    do { try target.check(input) } catch {
      Issue.record("\(target.name): \(error)\nthe input, in hexadecimal: \(hexadecimal(input))")
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
