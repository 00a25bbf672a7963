import EdgeCore
import Primitives
import Testing
import Wire

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
      Implementation(subscriptionOrder: { LateNonce() }), breaking: ["reset", "P1", "lineage", "stuck"])
  }

  @Test("an edge that lets the events of two hubs through without comparing them is caught")
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
    "a resumption that answers with one increment too many, or one too few, is caught", arguments: [-1, 1])
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

  @Test("a hub that leaves what it told too much as it is, is caught")
  func ignoredDeficits() throws {
    try expectCaught(Implementation(ignoresDeficits: true), breaking: ["P1", "resume"])
  }

  @Test("an edge that never learns that no hub holds what it told is caught")
  func unansweredFences() throws {
    let mutant = Implementation(loses: { if case .fenced = $0 { true } else { false } })
    try expectCaught(mutant, breaking: ["P1", "resume"])
  }

  @Test("an edge that does not look what the totals were at a place is caught")
  func uncheckedPlaces() throws {
    let mutant = Implementation(resumption: { subscription in
      guard case .token(let token) = subscription.point else { return subscription }
      return Subscription(subscription.stream, options: subscription.options, from: .token(token.unchecked))
    })
    try expectCaught(mutant, breaking: ["P1", "P2", "resume"])
  }

  @Test("a drain that forgets its clients is caught")
  func forgetfulDrain() throws {
    try expectCaught(Implementation(forgets: { $0 == .drained }), breaking: ["drain"])
  }

  @Test("a shed that lets a client go twice is caught")
  func doubleShed() throws {
    try expectCaught(Implementation(isToldTwice: { $0 == .shed }), breaking: ["http"])
  }

  @Test("a cleanup that closes the streams of another page is caught")
  func strangersCleanup() throws {
    let mutant = Implementation(match: { match in
      if case .own(_, let address, _) = match { .selected(address: address, namespace: nil) } else { match }
    })
    try expectCaught(mutant, breaking: ["cleanup"])
  }

  @Test("a refusal that keeps the place taken is caught")
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
