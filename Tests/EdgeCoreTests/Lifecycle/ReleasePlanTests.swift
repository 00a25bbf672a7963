import Primitives
import TestSupport
import Testing

@testable import EdgeCore

@Suite struct ReleasePlanTests {
  @Test("Clients are released one after the other, evenly, and the last one before the end")
  func evenly() {
    var plan = ReleasePlan(count: 4, over: .seconds(2), from: moment(0))
    var times: [Int64] = []
    for milliseconds in stride(from: Int64(0), through: 3_000, by: 10) {
      let due = plan.timerTriggered(now: moment(milliseconds))
      times += Array(repeating: milliseconds, count: due)
    }
    #expect(times == [0, 500, 1_000, 1_500])
    #expect(plan.remaining == 0)
    #expect(plan.deadline == nil)
  }

  @Test("Without a window all clients are released at once; without clients there is no deadline")
  func atOnce() {
    var plan = ReleasePlan(count: 3, over: .zero, from: moment(0))
    let due = plan.timerTriggered(now: moment(0))
    #expect(due == 3)
    #expect(plan.deadline == nil)
    #expect(ReleasePlan(count: 0, over: .seconds(10), from: moment(0)).deadline == nil)
  }

  @Test("After a stall the plan keeps its pace, and does not catch up")
  func stall() {
    var plan = ReleasePlan(count: 100, over: .seconds(10), from: moment(0))
    let first = plan.timerTriggered(now: moment(0))
    let late = plan.timerTriggered(now: moment(5_100))
    #expect([first, late] == [1, 1])
    #expect(plan.deadline == moment(5_200))
    // A short delay is caught up, so that the window holds.
    let made = plan.timerTriggered(now: moment(5_290))
    #expect(made == 1)
    #expect(plan.deadline == moment(5_300))
  }

  /// A release of a number of clients over a window: how many return in each second, and when the last one does. The
  /// timer is late by up to 30 ms.
  private func returns(
    of count: Int, over window: Duration, retry: RetryDelay, _ random: inout SeededGenerator
  ) -> (perSecond: [Int], last: Duration) {
    let pace = ReleasePace(window: window, retry: retry)
    let start = moment(0)
    var plan = ReleasePlan(count: count, over: pace.span, from: start)
    var perSecond: [Int] = []
    var last = Duration.zero
    while let deadline = plan.deadline {
      let now = deadline.advanced(by: .milliseconds(Int64.random(in: 0...30, using: &random)))
      for _ in 0..<plan.timerTriggered(now: now) {
        let back = start.duration(to: now) + .milliseconds(Int64(pace.retry.next(using: &random)))
        let second = Int(back.wholeMilliseconds / 1_000)
        while perSecond.count <= second { perSecond.append(0) }
        perSecond[second] += 1
        last = max(last, back)
      }
    }
    return (perSecond, last)
  }

  @Test(
    "No second sees more than twice the mean rate, and all clients are back within the window",
    arguments: 0..<40)
  func property(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = Int.random(in: 1...5_000, using: &random)
    let window = Duration.seconds(Int64.random(in: 5...60, using: &random))
    let base = Int.random(in: 1_000...10_000, using: &random)
    let retry = try #require(RetryDelay(milliseconds: base))
    let (perSecond, last) = returns(of: count, over: window, retry: retry, &random)
    #expect(perSecond.reduce(0, +) == count)
    let mean = Double(count) / Double(window.components.seconds)
    // Small numbers are never even: if the mean is small, single clients matter.
    let allowed = 2 * mean + 4 * mean.squareRoot() + 1
    #expect(Double(perSecond.max() ?? 0) <= (mean > 100 ? 2 * mean : allowed), "\(count) over \(window)")
    #expect(last <= window + .milliseconds(30))
  }
}
