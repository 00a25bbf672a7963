import Primitives
import Testing

@testable import Bench

@Suite struct InterruptionsTests {
  private func moment(_ milliseconds: Int64) -> Instant {
    Instant.origin.advanced(by: .milliseconds(milliseconds))
  }

  @Test("A silence is counted whole, and beyond what the server told the client to wait")
  func silence() {
    var interruptions = Interruptions()
    interruptions.ended(Interruption(since: moment(1_000), told: .seconds(3)), now: moment(4_500), second: 4)
    interruptions.ended(Interruption(since: moment(2_000), told: .seconds(3)), now: moment(4_900), second: 4)
    #expect(interruptions.silence.count == 2 && interruptions.silence.maximum == 3_500_000)
    #expect(interruptions.overdue.maximum == 500_000, "a client that is early is not overdue")
    #expect(interruptions.returns == [0, 0, 0, 0, 2])
  }

  @Test("A return outside of the measurement has no second")
  func outside() {
    var interruptions = Interruptions()
    interruptions.ended(Interruption(since: moment(0)), now: moment(10), second: nil)
    interruptions.ended(Interruption(since: moment(0)), now: moment(10), second: 86_400)
    #expect(interruptions.returns.isEmpty && interruptions.silence.count == 2)
  }

  @Test("The busiest second is compared with the mean from the first return on")
  func pace() {
    var interruptions = Interruptions()
    #expect(interruptions.pace == "none")
    for second in [3, 3, 3, 4, 6, 6] {
      interruptions.ended(Interruption(since: moment(0)), now: moment(10), second: second)
    }
    #expect(interruptions.pace == "3 in the busiest second, 2.00 of the mean")
  }
}
