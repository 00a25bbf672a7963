import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct ScoreTableFenceTests {
  private let first: Lineage
  private let second: Lineage
  private let cat: ScoreID
  private let dog: ScoreID
  private var table = ScoreTable(maximumCount: 3)

  init() throws {
    first = try #require(Lineage("first"))
    second = try #require(Lineage("second"))
    cat = try ScoreID("1F431")
    dog = try ScoreID("1F436")
    #expect(table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 10)]) == .began(closing: nil))
    #expect(table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 10)]) == .confirmed)
  }

  @Test("The first fence begins the lineage; earlier ids get the last positions before it")
  func firstFence() {
    var table = ScoreTable()
    table.increment(cat)
    table.increment(dog)
    let truth = [ScoreTotal(id: dog, total: 1), ScoreTotal(id: cat, total: 40)]
    #expect(table.reconcile(lineage: first, totals: truth) == .began(closing: nil))
    #expect(table.standing == .awaitingFence && table.snapshot().isEmpty, "another fence must confirm it")
    #expect(table.reconcile(lineage: first, totals: truth) == .confirmed)
    #expect(table.standing == .anchored)
    #expect(table.position == 41)
    let flush = table.takeFlush()
    #expect(flush?.totals.isEmpty == true)
    #expect(flush?.raw.map(\.firstPosition) == [40])
    #expect(flush?.raw.map(\.ids) == [[cat, dog]])
  }

  @Test("A fence that agrees changes nothing")
  mutating func agreement() {
    table.increment(cat)
    _ = table.takeFlush()
    #expect(table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 11)]) == .confirmed)
    #expect(table.takeFlush() == nil)
  }

  @Test("Increments lost while the feed was away become one repair, once, and are not among the raw ids")
  mutating func repair() {
    table.increment(cat)
    #expect(table.awaitFence()?.position == 11)
    table.increment(dog)
    #expect(table.takeFlush() == nil)
    #expect(table.snapshot().isEmpty)
    // 4 of the cat and 2 of the dog were lost before the increment that arrived.
    let truth = [ScoreTotal(id: dog, total: 3), ScoreTotal(id: cat, total: 15)]
    #expect(table.reconcile(lineage: first, totals: truth) == .undecided)
    #expect(table.takeFlush() == nil)
    #expect(table.reconcile(lineage: first, totals: truth) == .repaired(6))
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: dog, total: 3), ScoreTotal(id: cat, total: 15)])
    #expect(flush?.position == 18)
    #expect(flush?.raw.map(\.firstPosition) == [18])
    #expect(flush?.raw.map(\.ids) == [[dog]])
    #expect(table.ledger.repairedAtReconnect == 6)
    #expect(table.reconcile(lineage: first, totals: truth) == .confirmed)
    #expect(table.takeFlush() == nil)
  }

  @Test("A repair during a live feed makes the raw positions jump")
  mutating func liveRepair() {
    table.increment(cat)
    for _ in 1..<DriftConfirmation.fencesMaximum {
      #expect(table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 13)]) == .undecided)
    }
    let reconciliation = table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 13)])
    #expect(reconciliation == .corrected(repaired: 2, overcounted: 0))
    table.increment(cat)
    #expect(table.takeFlush()?.raw.map(\.firstPosition) == [11, 14])
  }

  @Test("Smaller totals are refused by name, and hold everything back until a new lineage begins")
  mutating func backwards() {
    table.increment(dog)
    #expect(
      table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 9)]) == .wentBackwards([cat, dog]))
    #expect(table.takeFlush() == nil)
    guard
      case .began(let closing?) = table.reconcile(lineage: second, totals: [ScoreTotal(id: cat, total: 9)])
    else {
      Issue.record("no closing flush")
      return
    }
    #expect(closing.totals == [ScoreTotal(id: dog, total: 1)])
    #expect(closing.position == 11)
    #expect(table.lineage == second)
    #expect(table.reconcile(lineage: second, totals: [ScoreTotal(id: cat, total: 9)]) == .confirmed)
    #expect(table.snapshot().flatMap(\.entries) == [ScoreTotal(id: cat, total: 9)])
    #expect(table.takeFlush() == nil)
  }

  @Test("An emptied sorted set goes backwards too")
  mutating func emptied() {
    #expect(table.reconcile(lineage: first, totals: []) == .wentBackwards([cat]))
  }

  @Test("An unreadable total is no loss: the id keeps its total, and its increments are rejected")
  mutating func unreadable() {
    table.increment(dog)
    let truth = [ScoreTotal(id: cat, total: 10), ScoreTotal(id: dog, total: 1)]
    #expect(table.reconcile(lineage: first, totals: truth) == .confirmed)
    let unreadable = table.reconcile(
      lineage: first, totals: [truth[0]], unreadable: [dog: .totalNegative])
    #expect(unreadable == .confirmed)
    #expect(table.rejection(of: dog) == .totalNegative && table.rejection(of: cat) == nil)
    table.increment(dog)
    #expect(table.position == 11)
    #expect(table.reconcile(lineage: first, totals: [truth[0], ScoreTotal(id: dog, total: 3)]) == .undecided)
    #expect(table.rejection(of: dog) == nil)
  }

  @Test("Increments of an id whose value is not a total are taken back")
  mutating func toldUnreadable() {
    table.increment(dog)
    _ = table.takeFlush()
    let truth = [ScoreTotal(id: cat, total: 10)]
    for _ in 1..<DriftConfirmation.fencesMaximum {
      #expect(
        table.reconcile(lineage: first, totals: truth, unreadable: [dog: .totalNegative]) == .undecided)
    }
    let reconciliation = table.reconcile(lineage: first, totals: truth, unreadable: [dog: .totalNegative])
    #expect(reconciliation == .corrected(repaired: 0, overcounted: 1))
    #expect(table.position == 10)
  }

  @Test("A total that Redis can no longer increment does not grow here either")
  mutating func saturated() {
    let limit = FenceTotals.countingMaximum
    let last = [ScoreTotal(id: cat, total: 10), ScoreTotal(id: dog, total: limit - 1)]
    for _ in 0..<DriftConfirmation.fencesMaximum { _ = table.reconcile(lineage: first, totals: last) }
    #expect(table.rejection(of: dog) == nil)
    table.increment(dog)
    #expect(table.rejection(of: dog) == .totalTooLarge)
    table.increment(dog)
    #expect(table.position == limit + 10)
    let full = [last[0], ScoreTotal(id: dog, total: limit)]
    #expect(table.reconcile(lineage: first, totals: full) == .confirmed)
  }

  @Test(
    "Raw ids since an interruption are sent in the new lineage, if their places are known"
  )
  mutating func unplacedRaw() {
    table.increment(cat)
    #expect(table.awaitFence()?.raw.map(\.firstPosition) == [11])
    table.increment(cat)
    table.increment(dog)
    let truth = [ScoreTotal(id: cat, total: 5), ScoreTotal(id: dog, total: 1)]
    #expect(
      table.reconcile(lineage: second, totals: truth) == .began(closing: nil), "nobody knows where they stood"
    )
    #expect(table.takeFlush() == nil)
    #expect(table.reconcile(lineage: second, totals: truth) == .confirmed)
    #expect(table.takeFlush()?.raw == [RawRun(firstPosition: 5, ids: [cat, dog])])
  }

  @Test("Raw ids from before the first place of the new lineage are not sent")
  mutating func rawBeforeTheBeginning() {
    _ = table.awaitFence()
    for id in [cat, dog, cat, dog, cat] { table.increment(id) }
    // Redis was emptied before the last two.
    let truth = [ScoreTotal(id: dog, total: 1), ScoreTotal(id: cat, total: 1)]
    #expect(table.reconcile(lineage: second, totals: truth) == .began(closing: nil))
    #expect(table.reconcile(lineage: second, totals: truth) == .confirmed)
    table.increment(cat)
    #expect(table.takeFlush()?.raw == [RawRun(firstPosition: 1, ids: [dog, cat, cat])])
    #expect(table.rawSkipped == 3)
  }

  @Test("Another lineage starts over, even if no total decreased")
  mutating func foreignLineage() {
    #expect(
      table.reconcile(lineage: second, totals: [ScoreTotal(id: cat, total: 100)]) == .began(closing: nil))
    #expect(table.position == 100)
    #expect(table.takeFlush() == nil)
  }

  @Test(
    "Without a fence the hub continues under a name of its own, and keeps it through further failures")
  mutating func unanchored() {
    table.increment(cat)
    guard case .began(let closing?) = table.unanchor(as: second) else {
      Issue.record("no closing flush")
      return
    }
    #expect(closing.position == 11)
    #expect(table.standing == .unanchored)
    #expect(table.lineage == second)
    table.increment(cat)
    #expect(table.awaitFence()?.position == 12)
    table.increment(cat)
    #expect(table.unanchor(as: first) == .confirmed)
    #expect(table.lineage == second)
    #expect(table.takeFlush()?.position == 13)
    guard case .began = table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 13)]) else {
      Issue.record("the anchored lineage did not begin")
      return
    }
    #expect(table.reconcile(lineage: first, totals: [ScoreTotal(id: cat, total: 13)]) == .confirmed)
    #expect(table.standing == .anchored)
  }

  @Test("A table that never had a place sends what it counted once it is unanchored")
  func unanchoredFromStart() {
    var table = ScoreTable()
    table.increment(cat)
    #expect(table.unanchor(as: first) == .began(closing: nil))
    #expect(table.snapshot().flatMap(\.entries) == [ScoreTotal(id: cat, total: 1)])
    #expect(table.takeFlush()?.raw.map(\.firstPosition) == [1])
  }

  @Test(
    "A full table keeps the greatest totals, counts the others in the position, and reports what it cannot repair"
  )
  mutating func full() throws {
    let many = try (1...5).map { ScoreTotal(id: try ScoreID("id\($0)"), total: UInt64($0)) }
    #expect(table.reconcile(lineage: second, totals: many) == .began(closing: nil))
    #expect(table.reconcile(lineage: second, totals: many) == .confirmed)
    #expect(table.snapshot().flatMap(\.entries).map(\.total) == [5, 4, 3])
    #expect(table.position == 15)
    let more = many + [ScoreTotal(id: cat, total: 7)]
    _ = table.awaitFence()
    #expect(table.reconcile(lineage: second, totals: more) == .undecided)
    #expect(table.reconcile(lineage: second, totals: more) == .repaired(7))
    #expect(table.ledger.unrepairable == 7)
    #expect(table.ledger.repaired == 0)
    #expect(table.position == 22)
    #expect(table.reconcile(lineage: second, totals: many) == .wentBackwards([]))
  }

  @Test("An id from before the first fence stays tracked, even if the truth alone would fill the table")
  func heldUntracked() throws {
    var table = ScoreTable(maximumCount: 2)
    table.increment(cat)
    let truth =
      try (1...3).map { ScoreTotal(id: try ScoreID("id\($0)"), total: 9) } + [ScoreTotal(id: cat, total: 1)]
    for _ in 1...2 { _ = table.reconcile(lineage: first, totals: truth) }
    #expect(table.snapshot().flatMap(\.entries).contains(ScoreTotal(id: cat, total: 1)))
    #expect(table.position == 28)
  }
}
