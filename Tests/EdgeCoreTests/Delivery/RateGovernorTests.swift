import EdgeCore
import Primitives
import Testing

struct RateGovernorTests {
  @Test("one long flush is forgiven, two in a row halve the rate, and so on down to the last step")
  func down() {
    var governor = RateGovernor(tick: .milliseconds(17))
    #expect(governor.interval == .zero)
    #expect(governor.flushFinished(after: .milliseconds(16), now: moment(0)) == false)
    #expect(governor.flushFinished(after: .milliseconds(1), now: moment(17)) == false)
    #expect(governor.flushFinished(after: .milliseconds(16), now: moment(34)) == false)
    #expect(governor.flushFinished(after: .milliseconds(16), now: moment(51)) == true)
    #expect(governor.interval == .milliseconds(34))
    for step in 0..<40 { _ = governor.flushFinished(after: .seconds(2), now: moment(Int64(step) * 2000)) }
    #expect(governor.level == RateGovernor.levelMaximum)
    #expect(governor.stepsDown == 5)
  }

  @Test("after two calm seconds it goes up one step, and an effort in between starts them over")
  func up() {
    var governor = RateGovernor(tick: .milliseconds(17))
    for _ in 0..<4 { _ = governor.flushFinished(after: .milliseconds(60), now: moment(0)) }
    #expect(governor.level == 2)
    #expect(governor.flushFinished(after: .milliseconds(10), now: moment(100)) == false)
    #expect(governor.flushFinished(after: .milliseconds(20), now: moment(1_000)) == false, "more than half of a shorter one")
    #expect(governor.flushFinished(after: .milliseconds(10), now: moment(1_100)) == false)
    #expect(governor.flushFinished(after: .milliseconds(10), now: moment(3_099)) == false)
    #expect(governor.flushFinished(after: .milliseconds(10), now: moment(3_100)) == true)
    #expect(governor.level == 1)
  }
}
