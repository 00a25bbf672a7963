import HubCore
import Primitives
import Testing
import Wire

@Suite struct ScoreFlushTests {
  private let ids: [ScoreID]
  private var table = ScoreTable()

  init() throws {
    ids = try (0..<10_000).map { try ScoreID("id\($0)") }
    for _ in 1...2 { _ = table.reconcile(lineage: try #require(Lineage("first")), totals: []) }
  }

  @Test("A small flush is one message of each kind")
  mutating func small() throws {
    for id in ids.prefix(2) { table.increment(id) }
    let taken = table.takeFlush()
    let flush = try #require(taken)
    let totals = ids.prefix(2).map { ScoreTotal(id: $0, total: 1) }
    #expect(
      flush.scores(hubStampMicroseconds: 7) == [Scores(position: 2, hubStampMicroseconds: 7, entries: totals)]
    )
    #expect(flush.rawBatches == [RawBatch(firstPosition: 1, ids: Array(ids.prefix(2)))])
    #expect(flush.rawCount == 2)
  }

  @Test("A large flush is several messages, and only the last one has the new position")
  mutating func large() throws {
    table.increment(ids[0])
    _ = table.takeFlush()
    for id in ids { table.increment(id) }
    let taken = table.takeFlush()
    let flush = try #require(taken)
    #expect(flush.scores(hubStampMicroseconds: 0).map(\.position) == [1, 10_001])
    #expect(flush.rawBatches.map(\.firstPosition) == [2, 8_194])
  }

  @Test("The first part of the first flush of a lineage repeats the position of its snapshot")
  mutating func newLineage() throws {
    let totals = [ScoreTotal(id: ids[0], total: 500)]
    for _ in 1...2 { _ = table.reconcile(lineage: try #require(Lineage("second")), totals: totals) }
    for id in ids { table.increment(id) }
    #expect(table.takeFlush()?.scores(hubStampMicroseconds: 0).map(\.position) == [500, 10_500])
  }

  @Test("Raw ids alone make no scores message")
  func rawOnly() throws {
    var table = ScoreTable()
    table.increment(ids[0])
    let totals = [ScoreTotal(id: ids[0], total: 1)]
    for _ in 1...2 { _ = table.reconcile(lineage: try #require(Lineage("first")), totals: totals) }
    let taken = table.takeFlush()
    let flush = try #require(taken)
    #expect(flush.scores(hubStampMicroseconds: 0).isEmpty)
    #expect(flush.rawBatches.count == 1)
  }
}
