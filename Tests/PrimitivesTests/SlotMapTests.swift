import Primitives
import TestSupport
import Testing

@Suite struct SlotMapTests {
  private typealias Names = SlotMap<SlotMapTests, String>

  @Test("an element is found by its name, and changed in its slot")
  func access() {
    var table = Names(vacant: "")
    let first = table.insert("a")
    let second = table.insert("b")
    table[second.slot].append("c")
    #expect(table[first] == "a")
    #expect(table[second] == "bc")
    #expect(table.ids == [first, second])
    #expect(table.count == 2)
  }

  @Test("a slot is used again, and its old name finds nothing")
  func reuse() {
    var table = Names(vacant: "")
    let old = table.insert("a")
    #expect(table.remove(old) == "a")
    #expect(table.id(at: old.slot) == nil)
    let new = table.insert("b")
    #expect(new.slot == old.slot)
    #expect(new != old)
    #expect(!table.contains(old))
    #expect(table[old] == nil)
    #expect(table.remove(old) == nil)
    #expect(table[new] == "b")
  }

  @Test("a free slot keeps nothing alive")
  func release() {
    final class Thing {}
    var table = SlotMap<Thing, Thing?>(vacant: nil)
    weak var seen: Thing?
    do {
      let thing = Thing()
      seen = thing
      let id = table.insert(thing)
      #expect(seen != nil)
      table.remove(id)
    }
    #expect(seen == nil)
    #expect(table.count == 0)
  }

  @Test("a name that no element ever had finds nothing")
  func strangers() {
    var table = Names(vacant: "")
    let id = table.insert("a")
    table.remove(id)
    for generation in [0, 2, 3] as [UInt32] {
      #expect(!table.contains(SlotID(slot: id.slot, generation: generation)))
    }
    #expect(!table.contains(SlotID(slot: -1, generation: 1)))
    #expect(!table.contains(SlotID(slot: 7, generation: 1)))
  }

  @Test("against a dictionary, whatever comes and goes", arguments: 0..<10)
  func model(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var table = SlotMap<Int, Int>(vacant: -1)
    var model: [SlotID<Int>: Int] = [:]
    var gone: [SlotID<Int>] = []
    for number in 0..<500 {
      if let id = model.keys.sorted(by: { $0.slot < $1.slot }).randomElement(using: &random),
        Int.random(in: 0..<9, using: &random) < 4
      {
        #expect(table.remove(id) == model.removeValue(forKey: id))
        gone.append(id)
      } else {
        #expect(model.updateValue(number, forKey: table.insert(number)) == nil)
      }
      #expect(table.count == model.count)
    }
    #expect(Set(table.ids) == Set(model.keys))
    #expect(model.allSatisfy { table[$0.key] == $0.value })
    #expect(gone.allSatisfy { table[$0] == nil })
  }
}
