import EdgeCore
import Primitives
import Testing

struct RateGovernorTests {
  /// Flushes at the governor's own pace.
  private struct Worker {
    var governor = RateGovernor(tick: .milliseconds(17))
    var now = moment(0)

    mutating func flush(_ count: Int, after duration: Duration) {
      for _ in 0..<count {
        now = now.advanced(by: max(.milliseconds(17), governor.interval, duration))
        _ = governor.flushFinished(after: duration, now: now)
      }
    }
  }

  @Test("A single long flush changes nothing")
  func outlier() {
    var worker = Worker()
    worker.flush(100, after: .milliseconds(2))
    worker.flush(1, after: .milliseconds(80))
    worker.flush(100, after: .milliseconds(2))
    #expect(worker.governor.stepsDown == 0)
    #expect(worker.governor.interval == .zero)
  }

  @Test("A flush too long for one tick may fit into a longer tick that the hub reports")
  func tickOfTheHub() {
    var worker = Worker()
    worker.governor.tickChanged(to: .milliseconds(100))
    worker.flush(500, after: .milliseconds(50))
    #expect(worker.governor.level == 0)
    worker.flush(500, after: .milliseconds(120))
    #expect(worker.governor.level == 1 && worker.governor.interval == .milliseconds(200))
    worker.governor.tickChanged(to: .milliseconds(20))
    #expect(worker.governor.interval == .milliseconds(40))
  }

  @Test("Flushes that take longer than a tick halve the rate until they fit, and no further")
  func down() {
    var worker = Worker()
    worker.flush(500, after: .milliseconds(25))
    #expect(worker.governor.level == 1)
    #expect(worker.governor.interval == .milliseconds(34))
    worker.flush(500, after: .milliseconds(50))
    #expect(worker.governor.level == 2)
    worker.flush(1_000, after: .seconds(2))
    #expect(worker.governor.level == RateGovernor.levelMaximum)
    #expect(worker.governor.stepsDown == 5)
  }

  @Test("After short flushes the rate returns step by step, each after a second of calm")
  func up() {
    var worker = Worker()
    worker.flush(300, after: .milliseconds(100))
    #expect(worker.governor.level == 3)
    let start = worker.now
    worker.flush(400, after: .milliseconds(5))
    #expect(worker.governor.level == 0)
    #expect(start.duration(to: worker.now) > .seconds(3))
  }

  @Test(
    "The rate does not oscillate under a steady load",
    arguments: [5, 9, 13, 14, 20, 27, 28, 40, 54, 60])
  func steady(milliseconds: Int) {
    var worker = Worker()
    worker.flush(500, after: .milliseconds(milliseconds))
    let steps = worker.governor.stepsDown
    worker.flush(2_000, after: .milliseconds(milliseconds))
    #expect(worker.governor.stepsDown == steps)
  }
}
