import Primitives
import Testing

@testable import EdgeCore

struct GrowthHistoryTests {
  private typealias Change = GrowthHistory.Change

  private func history(_ limit: Int = 1 << 20) -> GrowthHistory {
    var history = GrowthHistory(start: 10, check: 110, byteLimit: limit)
    history.append([Change(index: 0, amount: 1), Change(index: 1, amount: 2)], reaching: 13, check: 113)
    history.append([Change(index: 0, amount: 4)], reaching: 17, check: 117)
    history.append([Change(index: 2, amount: 3)], reaching: 20, check: 120)
    return history
  }

  private func growth(_ history: GrowthHistory, since places: [Position], to end: Position) -> [Position:
    [UInt64]]
  {
    var result: [Position: [UInt64]] = [:]
    history.walkBack(to: places.sorted(by: >), from: end, idCount: 3) { place, check, changes in
      #expect(check == 100 + UInt32(place))
      var amounts: [UInt64] = [0, 0, 0]
      for change in changes { amounts[Int(change.index)] += change.amount }
      result[place] = amounts
    }
    return result
  }

  @Test("The growth since every place reached is known, all in one walk, and at no other place")
  func places() {
    #expect(
      growth(history(), since: [9, 10, 11, 13, 17, 18, 20, 21], to: 20)
        == [10: [5, 2, 3], 13: [4, 0, 3], 17: [0, 0, 3], 20: [0, 0, 0]])
  }

  @Test("Growth that clients were not sent yet is left out")
  func earlierEnd() {
    #expect(
      growth(history(), since: [10, 13, 17, 20], to: 17) == [10: [5, 2, 0], 13: [4, 0, 0], 17: [0, 0, 0]])
  }

  @Test("Growth that is too large or too old is forgotten, from the earliest place on")
  func bounds() {
    #expect(growth(history(170), since: [10, 13, 17], to: 20) == [13: [4, 0, 3], 17: [0, 0, 3]])
    var aging = history()
    aging.age(at: moment(0))
    aging.append([Change(index: 0, amount: 1)], reaching: 21, check: 121)
    aging.age(at: moment(119_000))
    #expect(aging.start == 10)
    aging.age(at: moment(120_001))
    #expect(aging.start == 20 && aging.end == 21)
    #expect(growth(aging, since: [10, 17, 20], to: 21) == [20: [1, 0, 0]])
  }
}
