import Primitives
import Testing
import Wire

@testable import EdgeCore

struct FlushAssemblyTests {
  private func scores(_ position: Position, _ id: String, _ total: UInt64) throws -> Scores {
    Scores(
      position: position, hubStampMicroseconds: 0, entries: [ScoreTotal(id: try ScoreID(id), total: total)])
  }

  private func snapshot(_ lineage: String, _ position: Position, _ id: String, isLast: Bool) throws
    -> Snapshot
  {
    Snapshot(
      lineage: try #require(Lineage(lineage)), position: position, isLast: isLast,
      entries: [ScoreTotal(id: try ScoreID(id), total: 1)])
  }

  @Test("the parts of a flush are one with the part that reaches a new place")
  func flush() throws {
    var assembly = FlushAssembly()
    #expect(assembly.add(try snapshot("a", 5, "A", isLast: true))?.position == 5)
    #expect(assembly.add(try scores(5, "A", 2)) == nil)
    #expect(assembly.add(try scores(4, "B", 2)) == nil, "the snapshot may be ahead of the flush before")
    let whole = assembly.add(try scores(9, "C", 2))
    #expect(whole?.position == 9 && whole?.entries.map(\.id.description) == ["A", "B", "C"])
    #expect(assembly.add(try scores(10, "A", 3))?.entries.count == 1)
  }

  @Test("the parts of a snapshot are one with the last part; those of another lineage are void")
  func snapshots() throws {
    var assembly = FlushAssembly()
    #expect(assembly.add(try snapshot("a", 5, "A", isLast: false)) == nil)
    #expect(assembly.add(try snapshot("b", 3, "B", isLast: false)) == nil)
    let whole = assembly.add(try snapshot("b", 3, "C", isLast: true))
    #expect(whole?.lineage == Lineage("b") && whole?.position == 3)
    #expect(whole?.entries.map(\.id.description) == ["B", "C"])
  }
}
