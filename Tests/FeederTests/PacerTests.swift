import Primitives
import TestSupport
import Testing

@testable import Feeder

@Suite("Pacer")
struct PacerTests {
  private let start = Instant(nanoseconds: 123_456_789)

  @Test(
    "gives exactly the rate over a long time, however it is called", arguments: [1, 3, 250, 7919, 200_000])
  func noDrift(rate: Int) {
    var pacer = Pacer(rate: rate, now: start)
    var random = SeededGenerator(seed: 9)
    var now = start
    var total = 0
    let end = start.advanced(by: .seconds(600))
    while now < end {
      now = min(end, now.advanced(by: .nanoseconds(Int64.random(in: 1...400_000_000, using: &random))))
      total += pacer.due(now: now, limit: .max)
    }
    #expect(total == rate * 600)
  }

  @Test("issues each tweet at its announced moment")
  func nextDue() {
    var pacer = Pacer(rate: 7, now: start)
    for _ in 0..<50 {
      let next = pacer.nextDue
      #expect(pacer.due(now: next.advanced(by: .nanoseconds(-1)), limit: 10) == 0)
      #expect(pacer.due(now: next, limit: 10) == 1)
    }
    #expect(pacer.nextDue == start.advanced(by: .nanoseconds(51 * 1_000_000_000 / 7 + 1)))
  }

  @Test("makes up for the tweets of the last second")
  func shortPause() {
    var pacer = Pacer(rate: 100, now: start)
    #expect(pacer.due(now: start.advanced(by: .seconds(1)), limit: 64) == 64)
    #expect(pacer.due(now: start.advanced(by: .seconds(1)), limit: 64) == 36)
    #expect(pacer.due(now: start.advanced(by: .seconds(1)), limit: 64) == 0)
  }

  @Test(
    "sends no burst after a longer pause",
    arguments: [Duration.milliseconds(1011), .seconds(3), .seconds(1 << 33)])
  func longPause(pause: Duration) {
    var pacer = Pacer(rate: 100, now: start)
    let now = start.advanced(by: pause)
    #expect(pacer.due(now: now, limit: .max) == 0)
    #expect(pacer.due(now: now.advanced(by: .milliseconds(100)), limit: .max) == 10)
  }

  @Test("owes at most a second's worth after a delay")
  func heldBack() {
    var pacer = Pacer(rate: 1000, now: start)
    var now = start
    for _ in 0..<1000 {
      now = now.advanced(by: .milliseconds(10))
      #expect(pacer.due(now: now, limit: 5) <= 5)
    }
    #expect(pacer.due(now: now, limit: .max) <= 1000)
  }

  @Test("gives nothing when the clock has not moved")
  func noTime() {
    var pacer = Pacer(rate: 200_000, now: start)
    #expect(pacer.due(now: start, limit: .max) == 0)
    #expect(pacer.due(now: .origin, limit: .max) == 0)
  }
}
