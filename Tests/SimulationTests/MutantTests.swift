import EdgeCore
import Primitives
import Testing
import Wire

/// The simulation must find deliberate faults, which proves that it can fail.
@Suite("Mutants of the simulation")
struct MutantTests {
  /// Each mutant must be caught within these seeds.
  private static let seeds: ClosedRange<UInt64> = 1...50

  @Test("A mirror that sums totals instead of taking the greater one is caught")
  func summing() throws {
    try expectCaught(Implementation(mergeStage: { Summing() }), breaking: ["P1"])
  }

  @Test("A fence whose nonce is one message late is caught")
  func lateNonce() throws {
    try expectCaught(
      Implementation(subscriptionOrder: { LateNonce() }), breaking: ["reset", "P1", "lineage", "stuck"])
  }

  @Test("An edge that passes the events of two hubs without comparing them is caught")
  func undedupedHubs() throws {
    let mutant = Implementation(bypassesMerge: { message in
      switch message {
      case .raw, .topicEvent: true
      default: false
      }
    })
    try expectCaught(mutant, breaking: ["P2"])
  }

  @Test(
    "A resumption that answers with one increment too many, or too few, is caught", arguments: [-1, 1])
  func misplacedResumption(shift: Int) throws {
    let mutant = Implementation(resumption: { subscription in
      guard case .token(let token) = subscription.point else { return subscription }
      let position = Position(Int(token.position) + shift)
      return Subscription(
        subscription.stream, options: subscription.options,
        from: .token(ResumeToken(lineage: token.lineage, position: position)))
    })
    try expectCaught(mutant, breaking: ["P1", "P2", "resume"])
  }

  @Test("A hub that does not take back excess is caught")
  func ignoredDeficits() throws {
    try expectCaught(Implementation(ignoresDeficits: true), breaking: ["P1", "resume"])
  }

  @Test("An edge that never learns of its excess is caught")
  func unansweredFences() throws {
    let mutant = Implementation(loses: { if case .fenced = $0 { true } else { false } })
    try expectCaught(mutant, breaking: ["P1", "resume"])
  }

  @Test("An edge that does not compare the totals at a place is caught")
  func uncheckedPlaces() throws {
    let mutant = Implementation(resumption: { subscription in
      guard case .token(let token) = subscription.point else { return subscription }
      return Subscription(subscription.stream, options: subscription.options, from: .token(token.unchecked))
    })
    try expectCaught(mutant, breaking: ["P1", "P2", "resume"])
  }

  @Test("A drain that forgets its clients is caught")
  func forgetfulDrain() throws {
    try expectCaught(Implementation(forgets: { $0 == .drained }), breaking: ["drain"])
  }

  @Test("A shed that releases a client twice is caught")
  func doubleShed() throws {
    try expectCaught(Implementation(isToldTwice: { $0 == .shed }), breaking: ["http"])
  }

  @Test("A cleanup that closes the streams of another page is caught")
  func strangersCleanup() throws {
    let mutant = Implementation(match: { match in
      if case .own(_, let address, _) = match { .selected(address: address, namespace: nil) } else { match }
    })
    try expectCaught(mutant, breaking: ["cleanup"])
  }

  @Test("A refusal that keeps the place taken is caught")
  func placeOfTheRefused() throws {
    try expectCaught(Implementation(refusalKeepsPlace: true), breaking: ["places"])
  }

  private func expectCaught(_ mutant: Implementation, breaking promises: [String]) throws {
    let violation = try SimulationRun(Self.seeds, mutant, stopsAtFirst: true).violations.first
    let caught = try #require(violation, "no seed of \(Self.seeds) caught it")
    let promise = caught.promise
    print("a mutant broke \(promise) in seed \(caught.seed)")
    #expect(promises.contains(promise), "caught by \(promise)")
  }
}
