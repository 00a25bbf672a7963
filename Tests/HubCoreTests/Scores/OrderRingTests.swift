import Primitives
import Testing

@testable import HubCore

@Suite struct OrderRingTests {
  private typealias Repair = OrderRing.Repair

  private func past(_ ring: OrderRing, _ positions: [Position], _ totals: [UInt64]) -> [Position: [UInt64]] {
    var past: [Position: [UInt64]] = [:]
    ring.rewind(to: positions, from: totals) { past[$0] = $1 }
    return past
  }

  private func order(_ ring: OrderRing, after position: Position, limit: Int = 100) -> [[Position: [Int]]]? {
    ring.order(after: position, limit: limit)?.map { [$0.firstPosition: $0.indices] }
  }

  @Test(
    "The ring knows every position from its beginning to the last increment, and the increments after it")
  func plain() {
    var ring = OrderRing(capacity: 8, repairsMaximum: 8)
    ring.restart(at: 100)
    for (offset, index) in [0, 1, 0].enumerated() { ring.append(index, reaching: 101 + Position(offset)) }
    #expect((98...105).filter { ring.knows($0) } == [100, 101, 102, 103])
    #expect(
      past(ring, [103, 102, 101, 100], [52, 51])
        == [103: [52, 51], 102: [51, 51], 101: [51, 50], 100: [50, 50]])
    #expect(order(ring, after: 101) == [[102: [1, 0]]])
    #expect(order(ring, after: 103) == [])
    #expect(order(ring, after: 100, limit: 2) == nil)
    #expect(order(ring, after: 99) == nil)
  }

  @Test("The oldest increments are dropped, and positions before them are no longer known")
  func wrapAround() {
    var ring = OrderRing(capacity: 4, repairsMaximum: 8)
    for position in 1...11 { ring.append(position % 3, reaching: Position(position)) }
    #expect((0...12).filter { ring.knows($0) } == [7, 8, 9, 10, 11])
    #expect(order(ring, after: 7) == [[8: [2, 0, 1, 2]]])
    #expect(past(ring, [9, 7], [3, 4, 4]) == [9: [3, 3, 3], 7: [2, 3, 2]])
  }

  @Test("A repair is a jump: the positions before and after it are known, those inside are not")
  func repair() {
    var ring = OrderRing(capacity: 8, repairsMaximum: 8)
    ring.append(0, reaching: 1)
    ring.repaired([Repair(index: 0, growth: 2), Repair(index: 1, growth: 3)], reaching: 6)
    ring.append(1, reaching: 7)
    #expect((0...8).filter { ring.knows($0) } == [0, 1, 6, 7])
    #expect(
      past(ring, [7, 6, 1, 0], [3, 4]) == [7: [3, 4], 6: [3, 3], 1: [1, 0], 0: [0, 0]])
    #expect(order(ring, after: 0) == [[1: [0]], [7: [1]]])
    #expect(order(ring, after: 1) == [[7: [1]]])
  }

  @Test("Increments that arrive during a fence lie behind the fence's repair")
  func held() {
    var ring = OrderRing(capacity: 8, repairsMaximum: 8)
    ring.append(0, reaching: 1)
    ring.holdRepairs()
    ring.append(1, reaching: 2)
    ring.holdRepairs()
    ring.append(1, reaching: 3)
    ring.repaired([Repair(index: 0, growth: 10)], reaching: 13)
    ring.append(0, reaching: 14)
    #expect((0...15).filter { ring.knows($0) } == [0, 1, 11, 12, 13, 14])
    #expect(order(ring, after: 1) == [[12: [1, 1, 0]]])
    #expect(past(ring, [11, 1], [12, 2]) == [11: [11, 0], 1: [1, 0]])
    ring.repaired([Repair(index: 0, growth: 1)], reaching: 15)
    #expect(order(ring, after: 14) == [], "the next repair is not held")
    #expect(past(ring, [14], [13, 2]) == [14: [12, 2]])
  }

  @Test("An increment that cannot be kept ends the window, even during a fence")
  func cut() {
    var ring = OrderRing(capacity: 8, repairsMaximum: 8)
    ring.append(0, reaching: 1)
    ring.append(0, reaching: 3)
    #expect((0...4).filter { ring.knows($0) } == [3], "an increment that jumps")
    ring.holdRepairs()
    ring.cut(to: 4)
    ring.repaired([Repair(index: 0, growth: 5)], reaching: 9)
    #expect((0...10).filter { ring.knows($0) } == [9])
  }

  @Test("More repairs than can be kept end the window too")
  func manyRepairs() {
    var ring = OrderRing(capacity: 8, repairsMaximum: 6)
    for round in Position(0)..<5 {
      ring.append(0, reaching: round * 3 + 1)
      ring.repaired([Repair(index: 1, growth: 2)], reaching: round * 3 + 3)
    }
    // Three runs of one repair each; the oldest one's own repair lies before the window.
    #expect((0...15).filter { ring.knows($0) } == [9, 10, 12, 13, 15])
    ring.repaired([Repair](repeating: Repair(index: 0, growth: 1), count: 20), reaching: 40)
    #expect((0...40).filter { ring.knows($0) } == [40])
  }
}
