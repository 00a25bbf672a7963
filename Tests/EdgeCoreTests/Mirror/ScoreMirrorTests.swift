import EdgeCore
import Primitives
import Testing
import Wire

struct ScoreMirrorTests {
  private let lineage: Lineage

  init() throws { lineage = try #require(Lineage("first")) }

  private func total(_ text: String, _ total: UInt64) throws -> ScoreTotal {
    ScoreTotal(id: try id(text), total: total)
  }

  private func started(_ totals: [ScoreTotal], position: Position) -> ScoreMirror {
    var mirror = ScoreMirror()
    mirror.merge(Snapshot(lineage: lineage, position: position, isLast: true, entries: totals))
    return mirror
  }

  @Test("the first snapshot is the start and no growth")
  func firstSnapshot() throws {
    var mirror = started([try total("A", 10)], position: 10)
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.position == 10)
    #expect(mirror.lineage == lineage)
  }

  @Test("a greater total is growth, told once, and a smaller or equal one is nothing")
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

  @Test("after an outage the snapshot of the same lineage comes out as one growth")
  func outage() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Snapshot(lineage: lineage, position: 40, isLast: false, entries: [try total("A", 30)]))
    #expect(mirror.position == 10, "the position counts once the last part is in")
    mirror.merge(Snapshot(lineage: lineage, position: 40, isLast: true, entries: [try total("B", 10)]))
    #expect(mirror.position == 40)
    #expect(
      mirror.takeGrowth() == [
        ScoreGrowth(id: try id("A"), amount: 20), ScoreGrowth(id: try id("B"), amount: 10),
      ])
  }

  @Test("the snapshot of another lineage starts over without growth")
  func otherLineage() throws {
    var mirror = started([try total("A", 10)], position: 10)
    let other = try #require(Lineage("second"))
    mirror.merge(Snapshot(lineage: other, position: 50, isLast: true, entries: [try total("A", 50)]))
    #expect(mirror.takeGrowth() == nil)
    #expect(mirror.position == 50)
    mirror.merge(Scores(position: 51, hubStampMicroseconds: 0, entries: [try total("A", 51)]))
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("A"), amount: 1)])
  }

  @Test("growth that was not told yet outlives its lineage")
  func pendingGrowth() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Scores(position: 15, hubStampMicroseconds: 0, entries: [try total("A", 15)]))
    let other = try #require(Lineage("second"))
    mirror.merge(Snapshot(lineage: other, position: 50, isLast: true, entries: [try total("A", 50)]))
    mirror.merge(Scores(position: 52, hubStampMicroseconds: 0, entries: [try total("A", 52)]))
    let end = ResumeToken(lineage: lineage, position: 15)
    let farewells = mirror.takeFarewells()
    #expect(farewells.map(\.end) == [end])
    #expect(farewells.map(\.growth) == [[ScoreGrowth(id: try id("A"), amount: 5)]])
    #expect(mirror.takeFarewells().isEmpty)
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("A"), amount: 2)])
  }

  @Test("scores between the parts of the first snapshot belong to the start")
  func scoresWithinSnapshot() throws {
    var mirror = ScoreMirror()
    mirror.merge(Snapshot(lineage: lineage, position: 10, isLast: false, entries: [try total("A", 10)]))
    mirror.merge(Scores(position: 11, hubStampMicroseconds: 0, entries: [try total("A", 11)]))
    mirror.merge(Snapshot(lineage: lineage, position: 11, isLast: true, entries: []))
    #expect(mirror.takeGrowth() == nil)
  }

  @Test("the parts of a flush count when all of them are in: totals stand at a place at any time")
  func parts() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Scores(position: 10, hubStampMicroseconds: 0, entries: [try total("A", 12)]))
    #expect(mirror.takeGrowth() == nil)
    mirror.merge(Scores(position: 13, hubStampMicroseconds: 0, entries: [try total("B", 1)]))
    #expect(
      mirror.takeGrowth() == [
        ScoreGrowth(id: try id("A"), amount: 2), ScoreGrowth(id: try id("B"), amount: 1),
      ])
  }

  @Test("what clients were told stays where it is until growth is taken out")
  func told() throws {
    var mirror = started([try total("A", 10)], position: 10)
    mirror.merge(Scores(position: 13, hubStampMicroseconds: 0, entries: [try total("A", 13)]))
    #expect(mirror.told == ResumeToken(lineage: lineage, position: 10))
    #expect(mirror.toldTotals.map(\.1) == [10])
    #expect(mirror.growth(since: [10]) == [10: []])
    _ = mirror.takeGrowth()
    #expect(mirror.told == ResumeToken(lineage: lineage, position: 13))
    #expect(mirror.toldTotals.map(\.1) == [13])
    #expect(mirror.growth(since: [9, 10, 11]) == [10: [ScoreGrowth(id: try id("A"), amount: 3)]])
    #expect(mirror.growth(since: [try id("A"): 8]) == [ScoreGrowth(id: try id("A"), amount: 5)])
  }

  @Test("deltas of untracked ids are passed on as they are")
  func untracked() throws {
    var mirror = started([], position: 0)
    mirror.merge(
      Scores(
        position: 3, hubStampMicroseconds: 0, entries: [], untracked: [ScoreDelta(id: try id("Z"), delta: 3)])
    )
    #expect(mirror.takeGrowth() == [ScoreGrowth(id: try id("Z"), amount: 3)])
  }
}
