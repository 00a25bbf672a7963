import EdgeCore
import HTTP
import Primitives
import Testing
import Wire

@testable import Edge

@Suite("The counters of the workers") struct WorkerCountersTests {
  @Test("Each plain number is in the list, once")
  func complete() {
    var counters = WorkerCounters()
    for figure in WorkerCounters.figures { counters[keyPath: figure.path] += 1 }
    for (name, value) in Mirror(reflecting: counters).children {
      if let number = value as? UInt64 {
        #expect(number == 1, "\(name ?? "") is \(number) times in the list")
      }
    }
  }

  @Test("The numbers of two workers become one")
  func add() {
    var (one, other) = (WorkerCounters(), WorkerCounters())
    for (index, figure) in WorkerCounters.figures.enumerated() {
      one[keyPath: figure.path] = 100 + UInt64(index)
      other[keyPath: figure.path] = 50
    }
    one.plain.raw = 1
    other.plain.raw = 2
    one.closed = [.reset: 1]
    other.closed = [.reset: 2, .dismissed: 3]
    other.isFull = true
    other.descriptorsOpen = 5
    one.add(other)
    for (index, figure) in WorkerCounters.figures.enumerated() {
      let expected = 100 + UInt64(index) + (figure.addition == .sum ? 50 : 0)
      #expect(one[keyPath: figure.path] == expected)
    }
    #expect(one.plain.raw == 3)
    #expect(one.closed == [.reset: 3, .dismissed: 3])
    #expect(one.isFull)
    #expect(one.descriptorsOpen == 5)
  }

  @Test("A maximum is that of the workers, whichever comes last")
  func maximum() {
    var (one, other) = (WorkerCounters(), WorkerCounters())
    one.longestTurnMicroseconds = 7
    other.longestTurnMicroseconds = 9
    one.add(other)
    #expect(one.longestTurnMicroseconds == 9)
    one.add(WorkerCounters())
    #expect(one.longestTurnMicroseconds == 9)
  }

  @Test("No field of the report is set twice")
  func fields() {
    let fields = WorkerCounters.figures.compactMap(\.field)
    #expect(Set(fields).count == fields.count)
  }

  @Test("A metric is in its own unit")
  func unit() throws {
    var counters = WorkerCounters()
    counters.longestTurnMicroseconds = 1_500
    counters.accepted = 3
    let metrics = EdgeMetrics(
      node: "edge", uptime: .seconds(1), counters: counters, link: LinkHealth())
    let families = metrics.text.families
    let turn = try #require(families.first { $0.name == "emojitrack_edge_turn_longest_seconds" })
    #expect(turn.samples.map(\.value) == [.real(0.0015)])
    let accepted = try #require(families.first { $0.name == "emojitrack_edge_connections_accepted_total" })
    #expect(accepted.samples.map(\.value) == [.whole(3)])
    #expect(Set(families.map(\.name)).count == families.count)
  }
}
