import Primitives
import TestSupport
import Testing

@Suite struct BackoffTests {
  @Test("Each delay lies in the upper half of its step, and the steps double up to the maximum")
  func doubling() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<200 {
      var backoff = Backoff(minimum: .milliseconds(100), maximum: .milliseconds(1_000))
      for step in [100, 200, 400, 800, 1_000, 1_000, 1_000] {
        let delay = backoff.next(using: &random)
        #expect(delay >= .milliseconds(step / 2) && delay <= .milliseconds(step))
      }
    }
  }

  @Test("Delays differ from each other, so that peers do not reconnect in one wave") func jitter() {
    var random = SeededGenerator(seed: 2)
    let delays = (0..<100).map { _ in
      var backoff = Backoff(minimum: .seconds(1), maximum: .seconds(60))
      return backoff.next(using: &random)
    }
    #expect(Set(delays).count == 100)
    #expect(delays.contains { $0 < .milliseconds(600) } && delays.contains { $0 > .milliseconds(900) })
  }

  @Test("After a reset the delays start at the minimum again") func reset() {
    var random = SeededGenerator(seed: 3)
    var backoff = Backoff(minimum: .milliseconds(10), maximum: .seconds(10))
    for _ in 0..<8 { _ = backoff.next(using: &random) }
    backoff.reset()
    #expect(backoff.next(using: &random) <= .milliseconds(10))
  }

  @Test("A single possible step stays what it is") func fixed() {
    var random = SeededGenerator(seed: 4)
    var backoff = Backoff(minimum: .nanoseconds(1), maximum: .nanoseconds(1))
    for _ in 0..<3 { #expect(backoff.next(using: &random) <= .nanoseconds(1)) }
  }
}
