import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct ScoreTableDriftTests {
  private let lineage: Lineage
  private let other: Lineage
  private let cat: ScoreID
  private let dog: ScoreID
  private var table = ScoreTable(maximumCount: 3)

  init() throws {
    lineage = try #require(Lineage("first"))
    other = try #require(Lineage("second"))
    cat = try ScoreID("1F431")
    dog = try ScoreID("1F436")
    #expect(reconcile(cats: 10, dogs: 5) == .began(closing: nil))
    #expect(table.fencePace == .confirming)
    #expect(reconcile(cats: 10, dogs: 5) == .confirmed)
    #expect(table.fencePace == .settling)
    #expect(reconcile(cats: 10, dogs: 5) == .confirmed)
    #expect(table.fencePace == .routine)
  }

  private mutating func reconcile(cats: UInt64, dogs: UInt64 = 5, counted: [ScoreID: UInt64] = [:])
    -> ScoreTable.Reconciliation
  {
    table.reconcile(
      lineage: lineage, totals: [ScoreTotal(id: dog, total: dogs), ScoreTotal(id: cat, total: cats)],
      counted: counted)
  }

  private mutating func increment(_ id: ScoreID, _ count: Int) {
    for _ in 0..<count { table.increment(id) }
  }

  /// Runs as many fences as leave drift undecided.
  private mutating func probe(cats: UInt64, dogs: UInt64 = 5) {
    for _ in 1..<DriftConfirmation.fencesMaximum {
      #expect(reconcile(cats: cats, dogs: dogs) == .undecided)
      #expect(table.fencePace == .confirmation)
      #expect(table.standing == .anchored)
    }
  }

  @Test(
    "Drift between a feeder's two commands is tolerated: sent once, not repaired, and no new lineage")
  mutating func explained() {
    #expect(reconcile(cats: 12) == .undecided)
    increment(cat, 2)
    #expect(reconcile(cats: 12, dogs: 6) == .explained)
    #expect(!table.isFeederAtomic)
    #expect(table.fencePace == .routine)
    #expect(table.position == 17)
    #expect(table.ledger.repaired == 0)
    #expect(table.ledger.driftsExplained == 1)
  }

  @Test("Increments without messages are repaired by the lasting drift, and checked again soon")
  mutating func repaired() {
    probe(cats: 13)
    #expect(table.position == 15)
    #expect(reconcile(cats: 14) == .corrected(repaired: 3, overcounted: 0))
    #expect(table.isFeederAtomic)
    #expect(table.fencePace == .settling)
    #expect(table.takeFlush()?.totals == [ScoreTotal(id: cat, total: 13)])
    #expect(table.ledger.repairedWhileConnected == 3)
    #expect(table.ledger.repairedAtReconnect == 0)
  }

  @Test(
    "Messages without increments are taken back: totals and position fall, and edges need a snapshot"
  )
  mutating func overcounted() {
    increment(cat, 2)
    _ = table.takeFlush()
    probe(cats: 10)
    #expect(table.position == 17)
    #expect(reconcile(cats: 10) == .corrected(repaired: 0, overcounted: 2))
    #expect(table.position == 15)
    #expect(table.takeFlush() == nil)
    #expect(table.snapshot().flatMap(\.entries).first { $0.id == cat }?.total == 10)
    #expect(reconcile(cats: 10) == .confirmed)
    increment(cat, 1)
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: cat, total: 11)])
    #expect(flush?.raw == [RawRun(firstPosition: 16, ids: [cat])])
    #expect(table.ledger.overcounted == 2 && table.ledger.corrections == 1)
  }

  @Test("Raw ids that wait during a correction are sent behind the snapshot, at the last places before it")
  mutating func rawAtCorrection() {
    increment(cat, 2)
    probe(cats: 10)
    #expect(reconcile(cats: 10) == .corrected(repaired: 0, overcounted: 2))
    #expect(table.takeFlush()?.raw == [RawRun(firstPosition: 14, ids: [cat, cat])])
    #expect(!table.knows(ResumeToken(lineage: lineage, position: 14)), "the past has other positions")
  }

  @Test("A repair behind a correction is sent as usual")
  mutating func repairAfterOvercount() {
    increment(cat, 2)
    probe(cats: 10)
    #expect(reconcile(cats: 10) == .corrected(repaired: 0, overcounted: 2))
    probe(cats: 13)
    #expect(reconcile(cats: 13) == .corrected(repaired: 3, overcounted: 0))
    #expect(table.position == 18)
    #expect(reconcile(cats: 13) == .confirmed)
  }

  @Test("Totals below those of the previous fence begin a new lineage at once, even during a confirmation")
  mutating func backwards() {
    increment(cat, 5)
    #expect(reconcile(cats: 13) == .undecided)
    #expect(reconcile(cats: 12) == .wentBackwards([cat]))
    #expect(table.takeFlush() == nil)
    #expect(table.fencePace != .confirmation)
  }

  @Test("Increments behind the place where Redis read its totals do not count for those totals")
  mutating func counted() {
    increment(cat, 4)
    // Redis held 10; the 4 came after the nonce.
    #expect(reconcile(cats: 14, counted: [cat: 4]) == .confirmed)
    #expect(reconcile(cats: 11) == .undecided)
    #expect(reconcile(cats: 10) == .wentBackwards([cat]))
  }

  @Test(
    "A deficit that lasts after a reconnection is excess: it is taken back, and the lineage goes on")
  mutating func loss() {
    increment(cat, 3)
    _ = table.awaitFence()
    doubt(cats: 12)
    #expect(reconcile(cats: 12) == .corrected(repaired: 0, overcounted: 1))
    #expect(!table.isInDoubt && table.standing == .anchored)
    #expect(table.position == 17)
    #expect(table.ledger.lineagesBegun == 1)
  }

  /// Runs as many fences after a reconnection as leave a deficit undecided: the first one, and those of a confirmation.
  private mutating func doubt(cats: UInt64, dogs: UInt64 = 5) {
    #expect(reconcile(cats: cats, dogs: dogs) == .undecided)
    #expect(table.fencePace == .confirming)
    for _ in 1..<DriftConfirmation.fencesMaximum {
      #expect(reconcile(cats: cats, dogs: dogs) == .undecided)
      #expect(table.fencePace == .confirmation && table.isInDoubt)
      #expect(table.standing == .awaitingFence, "nobody knows yet where anything stands")
    }
  }

  @Test("A deficit after a reconnection that the next fence explains is none", arguments: [1, 2])
  mutating func explainedDeficit(fences: Int) {
    increment(cat, 3)
    _ = table.awaitFence()
    for _ in 0..<fences { #expect(reconcile(cats: 12) == .undecided) }
    #expect(reconcile(cats: 13) == .confirmed)
    #expect(table.standing == .anchored)
    #expect(table.isFeederAtomic == (fences == 1), "a confirmation tells")
    #expect(table.ledger.lineagesBegun == 1 && table.ledger.overcounted == 0 && table.ledger.repaired == 0)
    #expect(table.position == 18)
  }

  @Test("Totals adopted after a reconnection are sent once another fence has confirmed them")
  mutating func confirmed() {
    _ = table.awaitFence()
    #expect(reconcile(cats: 12) == .undecided)
    increment(cat, 1)
    #expect(table.takeFlush() == nil && table.snapshot().isEmpty)
    #expect(reconcile(cats: 13) == .repaired(2))
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: cat, total: 13)])
    #expect(flush?.raw == [RawRun(firstPosition: 18, ids: [cat])])
  }

  @Test("The message of an increment that the first fence had counted is never sent twice")
  mutating func countedTwice() {
    _ = table.awaitFence()
    #expect(reconcile(cats: 11) == .undecided)
    increment(cat, 1)
    for _ in 1..<DriftConfirmation.fencesMaximum { #expect(reconcile(cats: 11) == .undecided) }
    #expect(reconcile(cats: 11) == .repaired(1))
    #expect(table.position == 16 && table.ledger.overcounted == 0)
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: cat, total: 11)])
    #expect(flush?.raw == [RawRun(firstPosition: 16, ids: [cat])])
  }

  @Test("If increments were both missed and sent in excess, both are corrected at once")
  mutating func missedAndTooMuch() {
    increment(cat, 3)
    _ = table.awaitFence()
    doubt(cats: 12, dogs: 8)
    #expect(reconcile(cats: 12, dogs: 8) == .corrected(repaired: 3, overcounted: 1))
    #expect(table.position == 20)
  }

  @Test("An interruption ends a confirmation")
  mutating func interrupted() {
    #expect(reconcile(cats: 12) == .undecided)
    _ = table.awaitFence()
    #expect(reconcile(cats: 13) == .undecided)
    #expect(table.fencePace == .confirming)
    #expect(reconcile(cats: 13) == .repaired(3))
  }

  @Test("A name that was given up does not return")
  mutating func formerLineage() {
    #expect(table.reconcile(lineage: other, totals: [ScoreTotal(id: cat, total: 99)]) == .began(closing: nil))
    #expect(reconcile(cats: 11) == .wentBackwards([]))
    #expect(table.takeFlush() == nil)
    #expect(table.ledger.lineagesBegun == 2 && table.ledger.lineagesRenewed == 1)
  }

  @Test("A lineage goes on after the hub was unanchored, but not with smaller totals than before")
  mutating func unanchoredBetween() {
    var emptied = table
    guard case .began = table.unanchor(as: other) else {
      Issue.record("no lineage of its own")
      return
    }
    increment(cat, 7)
    guard case .began(let closing?) = reconcile(cats: 11) else {
      Issue.record("the lineage did not go on")
      return
    }
    #expect(closing.position == 22)
    #expect(table.lineage == lineage)
    #expect(table.position == 16)
    #expect(table.ledger.lineagesBegun == 2 && table.ledger.lineagesRenewed == 0)
    _ = emptied.unanchor(as: other)
    #expect(
      emptied.reconcile(lineage: lineage, totals: [ScoreTotal(id: cat, total: 1)])
        == .wentBackwards([cat, dog]))
  }

  @Test("Ids without room drift together; only the position shows what they miss")
  mutating func outside() throws {
    var totals = [ScoreTotal(id: cat, total: 10), ScoreTotal(id: dog, total: 5)]
    totals += try (1...3).map { ScoreTotal(id: try ScoreID("id\($0)"), total: UInt64($0)) }
    _ = table.awaitFence()
    #expect(table.reconcile(lineage: lineage, totals: totals) == .undecided)
    #expect(table.reconcile(lineage: lineage, totals: totals) == .repaired(6))
    #expect(table.ledger.unrepairable == 3)
    totals[2] = ScoreTotal(id: totals[2].id, total: 4)
    for _ in 1..<DriftConfirmation.fencesMaximum {
      #expect(table.reconcile(lineage: lineage, totals: totals) == .undecided)
    }
    let corrected = table.reconcile(lineage: lineage, totals: totals)
    #expect(corrected == .corrected(repaired: 3, overcounted: 0))
    #expect(table.ledger.unrepairable == 6)
    #expect(table.position == 24)
    totals[2] = ScoreTotal(id: totals[2].id, total: 3)
    #expect(table.reconcile(lineage: lineage, totals: totals) == .wentBackwards([]))
  }
}
