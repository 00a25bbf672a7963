import Primitives
import TestSupport
import Testing

@testable import Reactor

@Suite("The queue of timers")
struct TimerQueueTests {
  private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

  /// Fires all due timers.
  private func fire(_ queue: inout TimerQueue, at now: Instant) {
    while let action = queue.popDue(at: now, addedUpTo: queue.newest) { action() }
  }

  @Test("Timers come out by deadline, and none before it")
  func order() {
    var queue = TimerQueue()
    var fired: [UInt64] = []
    for deadline: UInt64 in [30, 10, 20] { _ = queue.add(at: at(deadline)) { fired.append(deadline) } }
    #expect(queue.nextDeadline() == at(10))
    fire(&queue, at: at(9))
    #expect(fired == [])
    fire(&queue, at: at(20))
    #expect(fired == [10, 20])
    #expect(queue.nextDeadline() == at(30))
  }

  @Test("Timers with the same deadline come out in the order of addition")
  func equalDeadlines() {
    var queue = TimerQueue()
    var fired: [Int] = []
    for index in 0..<100 { _ = queue.add(at: at(7)) { fired.append(index) } }
    fire(&queue, at: at(7))
    #expect(fired == Array(0..<100))
  }

  @Test("A timer newer than the limit waits, even if it is due")
  func newerTimers() {
    var queue = TimerQueue()
    var fired: [Int] = []
    _ = queue.add(at: at(1)) { fired.append(1) }
    let newest = queue.newest
    _ = queue.add(at: at(1)) { fired.append(2) }
    while let action = queue.popDue(at: at(1), addedUpTo: newest) { action() }
    #expect(fired == [1])
    fire(&queue, at: at(1))
    #expect(fired == [1, 2])
  }

  @Test("A cancelled timer does not fire, nor does it set the next deadline")
  func cancel() {
    var queue = TimerQueue()
    var fired: [String] = []
    let first = queue.add(at: at(1)) { fired.append("first") }
    _ = queue.add(at: at(2)) { fired.append("second") }
    queue.cancel(first)
    #expect(queue.nextDeadline() == at(2))
    fire(&queue, at: at(5))
    queue.cancel(first)
    #expect(fired == ["second"])
    #expect(queue.nextDeadline() == nil)
  }

  @Test("A cancelled timer releases its action at once")
  func release() {
    final class Held {}
    var queue = TimerQueue()
    var held: Held? = Held()
    weak let observed = held
    let id = queue.add(at: at(1)) { [held] in _ = held }
    held = nil
    #expect(observed != nil)
    queue.cancel(id)
    #expect(observed == nil)
  }

  @Test("Timers set and cancelled all the time do not pile up behind a distant one")
  func manyCancels() throws {
    var queue = TimerQueue()
    _ = queue.add(at: at(.max)) {}
    for number in 1...100_000 { queue.cancel(queue.add(at: at(.max - UInt64(number % 7))) {}) }
    let heap = try #require(Mirror(reflecting: queue).children.first { $0.label == "heap" }?.value)
    #expect(Mirror(reflecting: heap).children.count <= 65)
    #expect(queue.nextDeadline() == at(.max))
  }

  @Test(
    "It behaves like a sorted list, whatever is added, cancelled and fired",
    arguments: 1...20 as ClosedRange<UInt64>)
  func model(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var queue = TimerQueue()
    // The model's numbers grow like the queue's, so that equal deadlines have the same order in both.
    var model: [(deadline: UInt64, number: Int, id: TimerID)] = []
    var fired: [Int] = []
    var now: UInt64 = 0
    for number in 0..<2_000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let deadline = now + UInt64.random(in: 0..<50, using: &random)
        let id = queue.add(at: at(deadline)) { fired.append(number) }
        model.append((deadline, number, id))
      case 5..<9:
        guard let index = model.indices.randomElement(using: &random) else { continue }
        queue.cancel(model.remove(at: index).id)
      default:
        now += UInt64.random(in: 0..<30, using: &random)
        let due = model.filter { $0.deadline <= now }.sorted {
          ($0.deadline, $0.number) < ($1.deadline, $1.number)
        }
        model.removeAll { $0.deadline <= now }
        fired = []
        fire(&queue, at: at(now))
        #expect(fired == due.map(\.number))
      }
      #expect(queue.nextDeadline() == model.map(\.deadline).min().map(at))
    }
  }
}
