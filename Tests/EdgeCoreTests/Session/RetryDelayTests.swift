import EdgeCore
import TestSupport
import Testing

@Suite struct RetryDelayTests {
  @Test("Delays are uniform within half of the base on both sides")
  func spread() {
    var random = SeededGenerator(seed: 3)
    let delays = (0..<10_000).map { _ in RetryDelay.standard.next(using: &random) }
    #expect(delays.allSatisfy { (1_500...4_500).contains($0) })
    for third in [1_500...2_500, 2_500...3_500, 3_500...4_500] as [ClosedRange<UInt64>] {
      #expect((3_000...3_700).contains(delays.count { third.contains($0) }))
    }
  }

  @Test(
    "A base has 1,000 to 600,000 ms",
    arguments: [(999, false), (1_000, true), (600_000, true), (600_001, false)])
  func limits(milliseconds: Int, isAllowed: Bool) {
    #expect((RetryDelay(milliseconds: milliseconds) != nil) == isAllowed)
  }
}
