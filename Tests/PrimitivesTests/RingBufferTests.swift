import Primitives
import TestSupport
import Testing

@Suite struct RingBufferTests {
  @Test("It behaves like an array, whatever is appended and popped") func model() {
    let seed: UInt64 = 9
    var random = SeededGenerator(seed: seed)
    var ring = RingBuffer<Int>()
    var model: [Int] = []
    for step in 0..<20_000 {
      // Long phases of growing and shrinking, so that the ring wraps around and grows while wrapped.
      if Int.random(in: 0..<10, using: &random) < (step / 500 % 2 == 0 ? 7 : 3) {
        ring.append(step)
        model.append(step)
      } else {
        let expected = model.isEmpty ? nil : model.removeFirst()
        #expect(ring.popFirst() == expected, "seed \(seed), step \(step)")
      }
      #expect(ring.count == model.count && ring.isEmpty == model.isEmpty, "seed \(seed), step \(step)")
      #expect(ring.first == model.first && ring.last == model.last, "seed \(seed), step \(step)")
    }
    #expect((0..<ring.count).map { ring[$0] } == model)
  }

  @Test("An element can be replaced in place") func replacing() {
    var ring = RingBuffer<String>(minimumCapacity: 2)
    for text in ["a", "b", "c"] { ring.append(text) }
    ring.popFirst()
    ring[1] = "C"
    #expect(ring.first == "b" && ring.last == "C" && ring.count == 2)
  }

  @Test("It grows beyond its initial capacity", arguments: [0, 1, 8, 9])
  func growing(_ capacity: Int) {
    var ring = RingBuffer<Int>(minimumCapacity: capacity)
    for number in 0..<100 { ring.append(number) }
    #expect((0..<100).allSatisfy { ring[$0] == $0 })
  }

  @Test("Removed elements are released at once") func release() {
    final class Witness {}
    var ring = RingBuffer<Witness>()
    weak var popped: Witness?
    weak var removed: Witness?
    do {
      let first = Witness()
      let second = Witness()
      popped = first
      removed = second
      ring.append(first)
      ring.append(second)
    }
    ring.popFirst()
    #expect(popped == nil && removed != nil)
    ring.removeAll()
    #expect(removed == nil && ring.isEmpty)
    #expect(ring.popFirst() == nil)
  }

  @Test("Elements may be nil") func optionals() {
    var ring = RingBuffer<Int?>()
    ring.append(nil)
    ring.append(1)
    #expect(ring.count == 2)
    #expect(ring[0] == nil && ring[1] == 1)
    ring.removeAll()
    #expect(ring.isEmpty)
  }
}
