import EdgeCore
import Testing

@Suite("When the heap is trimmed") struct HeapTrimmingTests {
  private func trims(_ counts: UInt64...) -> [Bool] {
    var trimming = HeapTrimming()
    return counts.map { trimming.secondPassed(handedOver: $0) }
  }

  @Test("Once after a storm, and not while it lasts")
  func storm() {
    #expect(trims(500, 1_000, 1_500, 1_500, 1_500) == [false, false, false, true, false])
  }

  @Test("Also if some clients come and go afterwards")
  func churn() {
    #expect(trims(2_000, 2_015, 2_030, 2_045) == [false, true, false, false])
  }

  @Test("Few sessions are not worth it, until they are many together")
  func few() {
    #expect(trims(15, 30, 45) == [false, false, false])
    var trimming = HeapTrimming()
    let trimmed = (1...100).filter { trimming.secondPassed(handedOver: UInt64($0) * 10) }
    #expect(trimmed == [26, 52, 78])
  }
}
