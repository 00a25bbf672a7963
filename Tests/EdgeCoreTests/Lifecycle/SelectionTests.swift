import EdgeCore
import TestSupport
import Testing

@Suite struct SelectionTests {
  @Test("Shares add up, and none is larger than its group", arguments: 0..<50)
  func shares(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let sizes = (0..<Int.random(in: 1...9, using: &random)).map { _ in Int.random(in: 0...900, using: &random)
    }
    let total = sizes.reduce(0, +)
    let count = Int.random(in: 0...total + 10, using: &random)
    let shares = Selection.shares(of: count, among: sizes)
    #expect(shares.reduce(0, +) == min(count, total))
    for (share, size) in zip(shares, sizes) {
      #expect((0...size).contains(share))
      guard count < total else { continue }
      let exact = Double(size) * Double(count) / Double(total)
      #expect(abs(Double(share) - exact) <= 1)
    }
  }

  @Test("The slowest clients are those farthest behind, and at least one is picked")
  func slowest() {
    let behind = [5, 1, 4, 2, 3].map { (slot: Int32($0), since: moment(Int64($0))) }
    #expect(Selection.slowest(0.4, of: behind) == [1, 2])
    #expect(Selection.slowest(0.01, of: behind) == [1])
    #expect(Selection.slowest(1, of: behind) == [1, 2, 3, 4, 5])
    #expect(Selection.slowest(0, of: behind) == [])
    #expect(Selection.slowest(1, of: []) == [])
  }

  @Test("Elements sorted by kind are picked in proportion, and none is picked twice", arguments: 0..<20)
  func picks(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let elements = Array(0..<1_000)
    let picked = Selection.pick(100, of: elements, using: &random)
    #expect(Set(picked).count == 100)
    #expect((9...11).contains(picked.count { $0 < 100 }))
    #expect((89...91).contains(picked.count { $0 >= 100 }))
  }

  @Test("A request for more clients than there are selects all")
  func all() {
    var random = SeededGenerator(seed: 1)
    #expect(Selection.pick(.max, of: [1, 2, 3], using: &random) == [1, 2, 3])
    #expect(Selection.pick(0, of: [1, 2, 3], using: &random) == [])
    #expect(Selection.shares(of: .max, among: [3, 0, 4]) == [3, 0, 4])
  }
}
