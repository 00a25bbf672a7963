import HubCore
import Primitives
import Testing
import Wire

@Suite struct ScoreTableTests {
  private let lineage: Lineage
  private let cat: ScoreID
  private let dog: ScoreID
  private let owl: ScoreID

  init() throws {
    lineage = try #require(Lineage("first"))
    cat = try ScoreID("1F431")
    dog = try ScoreID("1F436")
    owl = try ScoreID("1F989")
  }

  private func anchored(_ totals: [ScoreTotal] = [], maximumCount: Int = 100, rawMaximum: Int = 100)
    -> ScoreTable
  {
    var table = ScoreTable(maximumCount: maximumCount, rawMaximum: rawMaximum)
    for _ in 1...2 { _ = table.reconcile(lineage: lineage, totals: totals) }
    return table
  }

  @Test("A new table sends nothing, not even a snapshot, until it knows its place")
  func start() {
    var table = ScoreTable()
    table.increment(cat)
    #expect(table.lineage == nil)
    #expect(!table.isFlushPending)
    #expect(table.takeFlush() == nil)
    #expect(table.snapshot().isEmpty)
  }

  @Test(
    "A flush has each changed id once with its total, in the order of the changes, and the raw ids in order"
  )
  func flush() {
    var table = anchored([ScoreTotal(id: cat, total: 10), ScoreTotal(id: owl, total: 5)])
    for id in [dog, cat, dog] { table.increment(id) }
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: dog, total: 2), ScoreTotal(id: cat, total: 11)])
    #expect(flush?.position == 18)
    #expect(flush?.untracked.isEmpty == true)
    #expect(flush?.raw.map(\.ids) == [[dog, cat, dog]])
    #expect(flush?.raw.map(\.firstPosition) == [16])
    #expect(table.takeFlush() == nil)
  }

  @Test("A snapshot holds every tracked id, changed or not")
  func snapshot() {
    var table = anchored([ScoreTotal(id: cat, total: 10)])
    table.increment(dog)
    let totals = [ScoreTotal(id: cat, total: 10), ScoreTotal(id: dog, total: 1)]
    #expect(table.snapshot() == [Snapshot(lineage: lineage, position: 11, isLast: true, entries: totals)])
  }

  @Test("Ids beyond the limit are sent as deltas, in the raw runs, and in the position")
  func untracked() {
    var table = anchored([ScoreTotal(id: cat, total: 1)], maximumCount: 1)
    for id in [dog, cat, dog, owl] { table.increment(id) }
    #expect(table.untrackedIncrements == 3)
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreTotal(id: cat, total: 2)])
    // The limit also holds for the distinct ids that wait for a flush.
    #expect(flush?.untracked == [ScoreDelta(id: dog, delta: 2)])
    #expect(table.untrackedSkipped == 1)
    #expect(flush?.raw.map(\.ids) == [[dog, cat, dog, owl]])
    #expect(flush?.position == 5)
    table.increment(dog)
    #expect(table.takeFlush()?.untracked == [ScoreDelta(id: dog, delta: 1)])
  }

  @Test("Raw ids beyond their limit are skipped and counted, and the next flush starts at the right position")
  func rawLimit() {
    var table = anchored(rawMaximum: 3)
    for _ in 0..<5 { table.increment(cat) }
    #expect(table.takeFlush()?.raw.map(\.ids.count) == [3])
    #expect(table.rawSkipped == 2)
    table.increment(cat)
    #expect(table.takeFlush()?.raw.map(\.firstPosition) == [6])
  }

  @Test("A position that reached its maximum stays there, and raw ids at it can still be sent")
  func overflow() {
    var table = anchored([ScoreTotal(id: cat, total: .max - 1)])
    for id in [dog, owl, dog] { table.increment(id) }
    #expect(table.position == ScoreTable.positionMaximum)
    let flush = table.takeFlush()
    #expect(flush?.position == ScoreTable.positionMaximum)
    #expect(flush?.rawBatches.map(\.firstPosition) == Array(repeating: ScoreTable.positionMaximum, count: 3))
  }
}
