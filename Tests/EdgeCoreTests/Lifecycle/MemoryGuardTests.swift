import Primitives
import Testing

@testable import EdgeCore

@Suite("What an edge does as its memory runs out") struct MemoryGuardTests {
  private func usage(_ percent: UInt64?) -> MemoryUsage? {
    percent.map { MemoryUsage(limit: 100 << 20, used: $0 << 20) }
  }

  /// The states after each of these percentages, five seconds apart.
  private func states(_ percents: UInt64?...) -> [MemoryGuard.State] {
    var memory = MemoryGuard()
    return percents.indices.map { index in
      _ = memory.observed(usage(percents[index]), now: moment(Int64(index) * 5_000))
      return memory.state
    }
  }

  @Test("Without a limit nothing happens")
  func unlimited() {
    var memory = MemoryGuard()
    for second in 0..<100 {
      let now = moment(Int64(second) * 1_000)
      let isDue = memory.trimIsDue(nil, now: now)
      #expect(!isDue)
      let action = memory.observed(nil, now: now)
      #expect(action == MemoryGuard.Action())
      #expect(memory.lookInterval == .seconds(1))
    }
  }

  @Test("New clients are rejected from 80 % on, until less than 75 % is in use")
  func refusing() {
    #expect(
      states(79, 80, 79, 75, 74, 75, 79, 80) == [
        .ample, .refusing, .refusing, .refusing, .ample, .ample, .ample, .refusing,
      ])
  }

  @Test("Clients that lag are closed from 90 % on, until less than 85 % is in use")
  func releasing() {
    #expect(
      states(89, 90, 89, 85, 84, 89, 90, 75) == [
        .refusing, .releasing, .releasing, .releasing, .refusing, .refusing, .releasing, .refusing,
      ])
    #expect(states(90, 74) == [.releasing, .ample])
    #expect(states(120, nil) == [.releasing, .ample])
  }

  @Test("The less memory is left, the more of them are closed; close to the limit, all")
  func share() {
    func share(_ percent: UInt64) -> Double {
      var memory = MemoryGuard()
      _ = memory.observed(usage(91), now: moment(0))
      return memory.observed(usage(percent), now: moment(5_000)).closedShare
    }
    #expect(share(84) == 0)
    #expect(abs(share(86) - 0.1) < 0.001)
    #expect(abs(share(90) - 0.5) < 0.001)
    #expect(share(95) == 1)
    #expect(share(130) == 1)
    var memory = MemoryGuard()
    let action = memory.observed(usage(89), now: moment(0))
    #expect(action.closedShare == 0)
  }

  @Test("They are closed once a second, so that memory can be freed before more of them go")
  func pace() {
    var memory = MemoryGuard()
    let closings = stride(from: Int64(0), through: 2_500, by: 100).filter {
      memory.observed(usage(92), now: moment($0)).closedShare > 0
    }
    #expect(closings == [0, 1_000, 2_000])
  }

  @Test("Each change is told once")
  func changes() {
    var memory = MemoryGuard()
    let percents: [UInt64] = [70, 82, 82, 91, 91, 80, 60, 60]
    let changes = percents.indices.map { index in
      memory.observed(usage(percents[index]), now: moment(Int64(index) * 5_000)).change
    }
    #expect(changes == [nil, .refusing, nil, .releasing, nil, .refusing, .ample, nil])
  }

  @Test("Memory counts as shorter at once, and as less short five seconds after the last change")
  func dwelling() {
    var memory = MemoryGuard()
    func state(_ percent: UInt64, at time: Int64) -> MemoryGuard.State {
      _ = memory.observed(usage(percent), now: moment(time))
      return memory.state
    }
    #expect(state(81, at: 1_000) == .refusing)
    #expect(state(91, at: 1_100) == .releasing)
    #expect(state(20, at: 6_000) == .releasing)
    let action = memory.observed(usage(20), now: moment(6_050))
    #expect(action.closedShare == 0)
    #expect(state(80, at: 6_100) == .refusing)
    #expect(state(20, at: 11_000) == .refusing)
    #expect(state(20, at: 11_100) == .ample)
  }

  @Test("From half of the limit on, the edge looks more often")
  func looking() {
    var memory = MemoryGuard()
    let percents: [UInt64] = [49, 50, 99, 20]
    let intervals = percents.map { percent in
      _ = memory.observed(usage(percent), now: moment(0))
      return memory.lookInterval
    }
    #expect(intervals == [.seconds(1), .milliseconds(100), .milliseconds(100), .seconds(1)])
  }

  @Test(
    "The heap is trimmed first: every ten seconds while memory is short, and every second while it is nearly used up"
  )
  func trimming() {
    var memory = MemoryGuard()
    var now: Int64 = 0
    /// The times of the trims, in milliseconds from now on.
    func trims(_ percent: UInt64?, until end: Int64) -> [Int64] {
      defer { now += end }
      return stride(from: Int64(0), to: end, by: 100).filter { time in
        let isDue = memory.trimIsDue(usage(percent), now: moment(now + time))
        _ = memory.observed(usage(percent), now: moment(now + time))
        return isDue
      }
    }
    #expect(trims(79, until: 5_000) == [])
    #expect(trims(82, until: 25_000) == [0, 10_000, 20_000])
    #expect(trims(91, until: 2_500) == [0, 1_000, 2_000])
    #expect(trims(86, until: 1_000) == [500])
    #expect(trims(60, until: 9_000) == [])
    #expect(trims(nil, until: 20_000) == [])
    #expect(trims(80, until: 100) == [0])
  }

  @Test("If trimming was enough, no client is rejected or closed")
  func trimmed() {
    var memory = MemoryGuard()
    let isDue = memory.trimIsDue(usage(96), now: moment(0))
    #expect(isDue)
    let action = memory.observed(usage(70), now: moment(0))
    #expect(action == MemoryGuard.Action())
    #expect(memory.state == .ample)
  }
}
