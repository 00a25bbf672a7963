import Primitives
import Testing

@Suite struct TotalsTableTests {
  private let cat: ScoreID
  private let dog: ScoreID

  init() throws {
    cat = try ScoreID("1F431")
    dog = try ScoreID("1F436")
  }

  @Test("an id keeps its index, and ids are numbered in the order of arrival")
  func interning() {
    var table = TotalsTable()
    #expect(table.intern(cat) == 0)
    #expect(table.intern(dog) == 1)
    #expect(table.intern(cat) == 0)
    #expect(table.index(of: dog) == 1)
    #expect(table.ids == [cat, dog])
  }

  @Test("ids with canonically equivalent text but different bytes are different ids")
  func bytesMatter() throws {
    var table = TotalsTable()
    let composed = table.intern(try ScoreID("\u{e9}"))
    let decomposed = table.intern(try ScoreID("e\u{301}"))
    #expect(composed != decomposed)
  }

  @Test("a full table accepts no new id but still finds the old ones", arguments: [1, 2, 3])
  func limit(maximum: Int) throws {
    var table = TotalsTable(maximumCount: maximum)
    for number in 0..<maximum { #expect(table.intern(try ScoreID("id\(number)")) == number) }
    #expect(table.intern(cat) == nil)
    #expect(table.index(of: cat) == nil)
    #expect(table.intern(try ScoreID("id0")) == 0)
    #expect(table.count == maximum)
  }

  @Test("merging raises a total to the greater one and returns the growth")
  func merging() throws {
    var table = TotalsTable()
    let interned = table.intern(cat)
    let index = try #require(interned)
    #expect(table.merge(10, at: index) == 10)
    #expect(table.merge(7, at: index) == 0)
    #expect(table.merge(10, at: index) == 0)
    #expect(table.merge(12, at: index) == 2)
    #expect(table[cat] == 12)
    #expect(table[dog] == 0)
    #expect(table.sum == 12)
  }

  @Test("growth beyond 64 bits is cut off, and the sum stays the sum")
  func overflow() {
    var table = TotalsTable()
    for id in [cat, dog] { _ = table.intern(id) }
    #expect(table.merge(UInt64.max - 5, at: 0) == UInt64.max - 5)
    #expect(table.merge(100, at: 1) == 5)
    #expect(table.add(1, at: 0) == 0)
    #expect(table.totals == [UInt64.max - 5, 5])
    #expect(table.sum == .max)
  }

  @Test("tables that merged the same truths in any order agree", arguments: [1, 7, 23, 59])
  func convergence(rotation: Int) throws {
    let truths = try (0..<60).map { (try ScoreID("id\($0 % 7)"), UInt64($0 * 37 % 91)) }
    func merged(_ truths: [(ScoreID, UInt64)]) throws -> [UInt64] {
      var table = TotalsTable()
      for (id, total) in truths {
        let index = table.intern(id)
        table.merge(total, at: try #require(index))
      }
      return try (0..<7).map { table[try ScoreID("id\($0)")] }
    }
    let rotated = Array(truths[rotation...] + truths[..<rotation])
    #expect(try merged(rotated) == merged(truths))
    #expect(try merged(rotated.reversed() + rotated) == merged(truths))
  }

  @Test("after removing all, ids are numbered from zero again")
  func removal() {
    var table = TotalsTable()
    _ = table.intern(cat)
    table.add(3, at: 0)
    table.removeAll()
    #expect(table.sum == 0)
    #expect(table.count == 0)
    #expect(table.intern(dog) == 0)
    #expect(table[cat] == 0)
  }

  @Test("its checksum depends only on its totals, not on their order or history")
  func checksum() throws {
    var one = TotalsTable()
    var other = TotalsTable()
    let ids = try ["A", "B", "é", "e\u{301}"].map { try ScoreID($0) }
    for id in ids { if let index = one.intern(id) { one.add(3, at: index) } }
    for id in ids.reversed() {
      for _ in 1...3 { if let index = other.intern(id) { other.add(1, at: index) } }
    }
    #expect(one.checksum == other.checksum && one.checksum != Checksum())
    other.add(2, at: 0)
    #expect(one.checksum != other.checksum)
    #expect(other.checksum(of: [3, 3, 3, 3]) == one.checksum)
    other.lower(2, at: 0)
    #expect(one.checksum == other.checksum && other.sum == 12)
    other.lower(9, at: 0)
    #expect(other.totals[0] == 0 && other.sum == 9)
    one.removeAll()
    #expect(one.checksum == Checksum())
  }
}
