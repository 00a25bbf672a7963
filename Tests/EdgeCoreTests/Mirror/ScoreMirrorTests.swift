import Primitives
import Testing
import Wire

@testable import EdgeCore

struct ScoreMirrorTests {
  private let lineage: Lineage

  init() throws { lineage = try #require(Lineage("first")) }

  private func total(_ text: String, _ total: UInt64) throws -> ScoreTotal {
    ScoreTotal(id: try id(text), total: total)
  }

  /// The check of a token if A has this total, and no other id has one.
  private func check(_ total: UInt64) throws -> UInt32 {
    var checksum = Checksum()
    checksum.add(total, of: try id("A").weight)
    return checksum.check
  }

  private func started(_ totals: [ScoreTotal], position: Position) -> ScoreMirror {
    var mirror = ScoreMirror()
    mirror.merge(Snapshot(lineage: lineage, position: position, isLast: true, entries: totals))
    return mirror
  }

  @Test("The first snapshot is the start and no growth")
  func firstSnapshot() throws {
    var mirror = started([try total("A", 10)], position: 10)
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.position == 10)
    #expect(mirror.lineage == lineage)
  }

  @Test("A greater total is growth, sent once, and a smaller or equal one is none")
  func totals() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(
      Scores(position: 13, hubStampMicroseconds: 0, entries: [try total("A", 12), try total("B", 1)]))
    mirror.merge(Scores(position: 12, hubStampMicroseconds: 0, entries: [try total("A", 11)]))
    #expect(
      mirror.takeGrowth() == [
        ScoreGrowth(id: try id("A"), amount: 2), ScoreGrowth(id: try id("B"), amount: 1),
      ])
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.position == 13)
  }

  @Test("After an outage the snapshot of the same lineage becomes one growth")
  func outage() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(
      Snapshot(
        lineage: lineage, position: 40, isLast: true, entries: [try total("A", 30), try total("B", 10)]))
    #expect(mirror.position == 40)
    #expect(
      mirror.takeGrowth() == [
        ScoreGrowth(id: try id("A"), amount: 20), ScoreGrowth(id: try id("B"), amount: 10),
      ])
  }

  @Test("The snapshot of another lineage starts over without growth")
  func otherLineage() throws {
    var mirror = started([try total("A", 10)], position: 10)
    let other = try #require(Lineage("second"))
    mirror.merge(Snapshot(lineage: other, position: 50, isLast: true, entries: [try total("A", 50)]))
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.position == 50)
    mirror.merge(Scores(position: 51, hubStampMicroseconds: 0, entries: [try total("A", 51)]))
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("A"), amount: 1)])
  }

  @Test("Growth that was not sent yet outlives its lineage")
  func pendingGrowth() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Scores(position: 15, hubStampMicroseconds: 0, entries: [try total("A", 15)]))
    let other = try #require(Lineage("second"))
    mirror.merge(Snapshot(lineage: other, position: 50, isLast: true, entries: [try total("A", 50)]))
    mirror.merge(Scores(position: 52, hubStampMicroseconds: 0, entries: [try total("A", 52)]))
    let end = ResumeToken(lineage: lineage, position: 15, check: try check(15))
    let farewells = mirror.takeFarewells()
    #expect(farewells.map(\.end) == [end])
    #expect(farewells.map(\.growth) == [[ScoreGrowth(id: try id("A"), amount: 5)]])
    #expect(mirror.takeFarewells().isEmpty)
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("A"), amount: 2)])
  }

  @Test("The place of the clients does not move until growth is taken out")
  func published() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Scores(position: 13, hubStampMicroseconds: 0, entries: [try total("A", 13)]))
    #expect(mirror.published == ResumeToken(lineage: lineage, position: 10, check: try check(10)))
    #expect(mirror.publishedTotals.map(\.1) == [10])
    #expect(mirror.growth(since: [10]) == [10: KnownPlace(check: try check(10), growth: [])])
    _ = mirror.takeGrowth()
    #expect(mirror.published == ResumeToken(lineage: lineage, position: 13, check: try check(13)))
    #expect(mirror.publishedTotals.map(\.1) == [13])
    let growth = [ScoreGrowth(id: try id("A"), amount: 3)]
    #expect(mirror.growth(since: [9, 10, 11]) == [10: KnownPlace(check: try check(10), growth: growth)])
    #expect(mirror.growth(since: [try id("A"): 8]) == [ScoreGrowth(id: try id("A"), amount: 5)])
  }

  @Test("Deltas of untracked ids are passed on unchanged")
  func untracked() throws {
    var mirror = started([], position: 0)
    mirror.merge(
      Scores(
        position: 3, hubStampMicroseconds: 0, entries: [], untracked: [ScoreDelta(id: try id("Z"), delta: 3)])
    )
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("Z"), amount: 3)])
  }

  @Test("The position is the sum of the totals, even if the hubs' totals differ")
  func sum() throws {
    var mirror = started([try total("A", 7), try total("B", 5)], position: 12)
    mirror.merge(
      Snapshot(lineage: lineage, position: 12, isLast: true, entries: [try total("A", 6), try total("B", 6)]))
    #expect(mirror.position == 13)
  }

  @Test("Excess is found, whichever hub holds most")
  func excess() throws {
    let mirror = started([try total("A", 7), try total("B", 5), try total("C", 1)], position: 13)
    var first = TotalsTable()
    var second = TotalsTable()
    for (name, total) in [("A", 6), ("B", 5)] as [(String, UInt64)] {
      if let index = first.intern(try id(name)) { first.merge(total, at: index) }
    }
    if let index = second.intern(try id("C")) { second.merge(9, at: index) }
    #expect(mirror.excess(over: [first]) == [0: 1, 2: 1])
    #expect(mirror.excess(over: [first, second]) == [0: 1])
  }

  @Test("Taking back lowers totals and position in the same lineage, without sending anything")
  func takeBack() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(
      Scores(position: 14, hubStampMicroseconds: 0, entries: [try total("A", 12), try total("B", 2)]))
    mirror.takeBack([0: 3])
    #expect(mirror.position == 11)
    #expect(mirror.lineage == lineage)
    #expect(mirror.beginning == ScoreMirror.Beginning(number: 1, isCorrection: true))
    #expect(mirror.takeFarewells().map(\.growth) == [[ScoreGrowth(id: try id("B"), amount: 2)]])
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.publishedTotals.map(\.1) == [9, 2])
    #expect(
      mirror.growth(since: [10, 14, 11]).keys.sorted() == [11], "places of before are of another content")
    mirror.merge(Scores(position: 12, hubStampMicroseconds: 0, entries: [try total("A", 10)]))
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("A"), amount: 1)])
  }
}
