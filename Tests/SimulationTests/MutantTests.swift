import PlantedFaults
import Testing

/// The simulation must find deliberate faults, which proves that it can fail.
@Suite("Mutants of the simulation")
struct MutantTests {
  /// Each fault must be found within these seeds.
  private static let seeds: ClosedRange<UInt64> = 1...50

  /// The faults that the simulation finds, and the promises that each may break.
  private static let faults: [PlantedFault: [String]] = [
    .totalsSummed: ["P1"],
    .fenceMisplaced: ["reset", "P1", "lineage", "stuck"],
    .excessKept: ["P1", "P2", "resume"],
    .eventsRepeated: ["P2"],
    .resumedTooEarly: ["P1", "P2", "resume"],
    .resumedTooLate: ["P1", "P2", "resume"],
    .placesUnchecked: ["P1", "P2", "resume"],
    .fenceAnswerIgnored: ["P1", "resume"],
    .drainForgetsClients: ["drain"],
    .releasedTwice: ["http"],
    .cleanupIgnoresKeys: ["cleanup"],
    .placeKept: ["places"],
    .endBeforeRest: ["http2"],
    .handshakePlaceKept: ["handshake"],
    .handshakesUnbounded: ["handshake"],
  ]

  @Test("A planted fault is found", arguments: faults.keys.sorted { "\($0)" < "\($1)" })
  func found(fault: PlantedFault) throws {
    let violation = try PlantedFault.$active.withValue(fault) {
      try SimulationRun(Self.seeds, stopsAtFirst: true).violations.first
    }
    let found = try #require(violation, "no seed of \(Self.seeds) finds it")
    print("\(fault) broke \(found.promise) in seed \(found.seed)")
    #expect(Self.faults[fault]?.contains(found.promise) == true, "found by \(found.promise)")
  }
}
