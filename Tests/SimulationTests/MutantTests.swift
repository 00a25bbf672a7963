import Testing

/// What is wrong on purpose must be found: so it is known that the simulation can fail.
@Suite("Mutants of the simulation")
struct MutantTests {
  /// Within so many seeds each mutant must be caught.
  private static let seeds: ClosedRange<UInt64> = 1...50

  @Test("a mirror that sums totals instead of taking the greater one is caught")
  func summing() throws {
    try expectCaught(Implementation(mergeStage: { Summing() }), breaking: ["P1"])
  }

  @Test("a fence whose nonce is one message late is caught")
  func lateNonce() throws {
    try expectCaught(
      Implementation(subscriptionOrder: { LateNonce() }), breaking: ["P1", "lineage", "stuck"])
  }

  private func expectCaught(_ mutant: Implementation, breaking promises: [String]) throws {
    let violation = try SimulationRun.run(Self.seeds, mutant).violation
    let promise = try #require(violation, "no seed of \(Self.seeds) caught it").promise
    #expect(promises.contains(promise), "caught by \(promise)")
  }
}
