import EdgeCore
import Primitives
import Testing

@Suite("What an edge does as its memory runs out") struct MemoryGuardTests {
  private func usage(_ percent: UInt64?) -> MemoryUsage? {
    percent.map { MemoryUsage(limit: 100 << 20, used: $0 << 20) }
  }

  private func states(_ percents: UInt64?...) -> [MemoryGuard.State] {
    var memory = MemoryGuard()
    return percents.map { percent in
      _ = memory.secondPassed(usage(percent))
      return memory.state
    }
  }

  @Test("Without a limit nothing happens")
  func unlimited() {
    var memory = MemoryGuard()
    for _ in 0..<100 { #expect(memory.secondPassed(nil) == MemoryGuard.Action()) }
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
      _ = memory.secondPassed(usage(91))
      return memory.secondPassed(usage(percent)).closedShare
    }
    #expect(share(84) == 0)
    #expect(abs(share(86) - 0.1) < 0.001)
    #expect(abs(share(90) - 0.5) < 0.001)
    #expect(share(95) == 1)
    #expect(share(130) == 1)
    var memory = MemoryGuard()
    #expect(memory.secondPassed(usage(89)).closedShare == 0)
  }

  @Test("Each change is told once")
  func changes() {
    var memory = MemoryGuard()
    let changes = [70, 82, 82, 91, 91, 80, 60, 60].map { memory.secondPassed(usage($0)).change }
    #expect(changes == [nil, .refusing, nil, .releasing, nil, .refusing, .ample, nil])
  }

  @Test("The heap is trimmed when memory becomes short, and every ten seconds while it is nearly used up")
  func trimming() {
    var memory = MemoryGuard()
    func trims(_ percents: [UInt64]) -> [Int] {
      percents.indices.filter { memory.secondPassed(usage(percents[$0])).trimsHeap }
    }
    #expect(trims([50, 82, 82, 91]) == [1, 3])
    #expect(trims(Array(repeating: 88, count: 25)) == [9, 19])
    #expect(trims([84, 82, 60, 60]) == [])
  }
}
