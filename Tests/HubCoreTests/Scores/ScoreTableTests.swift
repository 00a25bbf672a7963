import HubCore
import Primitives
import Testing

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

  private func anchored(_ totals: [ScoreCount] = [], maximumCount: Int = 100, rawMaximum: Int = 100)
    -> ScoreTable
  {
    var table = ScoreTable(maximumCount: maximumCount, rawMaximum: rawMaximum)
    _ = table.adopt(lineage: lineage, totals: totals)
    return table
  }

  @Test("a new table tells nothing, not even a snapshot, until it knows where it stands")
  func start() {
    var table = ScoreTable()
    table.increment(cat)
    #expect(table.lineage == nil)
    #expect(!table.isFlushPending)
    #expect(table.takeFlush() == nil)
    #expect(table.snapshot() == nil)
  }

  @Test(
    "a flush tells each changed id once with its total, in the order of the first change, and the raw ids as they came"
  )
  func flush() {
    var table = anchored([ScoreCount(id: cat, count: 10), ScoreCount(id: owl, count: 5)])
    for id in [dog, cat, dog] { table.increment(id) }
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreCount(id: dog, count: 2), ScoreCount(id: cat, count: 11)])
    #expect(flush?.position == 18)
    #expect(flush?.untracked.isEmpty == true)
    #expect(flush?.raw.map(\.ids) == [[dog, cat, dog]])
    #expect(flush?.raw.map(\.firstPosition) == [16])
    #expect(table.takeFlush() == nil)
  }

  @Test("a snapshot holds every tracked id, changed or not")
  func snapshot() {
    var table = anchored([ScoreCount(id: cat, count: 10)])
    table.increment(dog)
    let snapshot = table.snapshot()
    #expect(snapshot?.lineage == lineage)
    #expect(snapshot?.position == 11)
    #expect(snapshot?.totals == [ScoreCount(id: cat, count: 10), ScoreCount(id: dog, count: 1)])
  }

  @Test("ids beyond the limit are told as deltas, in the raw runs, and in the position")
  func untracked() {
    var table = anchored([ScoreCount(id: cat, count: 1)], maximumCount: 1)
    for id in [dog, cat, dog, owl] { table.increment(id) }
    #expect(table.untrackedIncrements == 3)
    let flush = table.takeFlush()
    #expect(flush?.totals == [ScoreCount(id: cat, count: 2)])
    // The limit holds for the distinct ids that wait for a flush, too.
    #expect(flush?.untracked == [ScoreCount(id: dog, count: 2)])
    #expect(table.untrackedSkipped == 1)
    #expect(flush?.raw.map(\.ids) == [[dog, cat, dog, owl]])
    #expect(flush?.position == 5)
    table.increment(dog)
    #expect(table.takeFlush()?.untracked == [ScoreCount(id: dog, count: 1)])
  }

  @Test("raw ids beyond their limit are skipped and counted, and the next flush starts at the right position")
  func rawLimit() {
    var table = anchored(rawMaximum: 3)
    for _ in 0..<5 { table.increment(cat) }
    #expect(table.takeFlush()?.raw.map(\.ids.count) == [3])
    #expect(table.rawSkipped == 2)
    table.increment(cat)
    #expect(table.takeFlush()?.raw.map(\.firstPosition) == [6])
  }

  @Test("a position that reached the end of 64 bits stays there")
  func overflow() {
    var table = anchored([ScoreCount(id: cat, count: .max)])
    table.increment(cat)
    table.increment(dog)
    #expect(table.position == .max)
    #expect(table.takeFlush()?.position == .max)
  }
}
