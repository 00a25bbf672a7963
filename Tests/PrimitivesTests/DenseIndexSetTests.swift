import Primitives
import Testing

@Suite struct DenseIndexSetTests {
  @Test("members are listed in the order of insertion, each once")
  func order() {
    var set = DenseIndexSet()
    for index in [7, 0, 7, 3, 0] { set.insert(index) }
    #expect(set.members == [7, 0, 3])
    #expect(set.count == 3)
  }

  @Test("an index beyond the greatest member is simply not a member")
  func containment() {
    var set = DenseIndexSet()
    set.insert(2)
    #expect(set.contains(2))
    #expect(!set.contains(1))
    #expect(!set.contains(1_000_000))
  }

  @Test("after removing all, nothing is a member and everything can be inserted again")
  func removal() {
    var set = DenseIndexSet()
    set.insert(4)
    set.removeAll()
    #expect(set.isEmpty)
    #expect(!set.contains(4))
    set.insert(4)
    #expect(set.members == [4])
  }
}
