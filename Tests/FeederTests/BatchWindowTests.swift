import Primitives
import TestSupport
import Testing

@testable import Feeder

@Suite("Batches under way")
struct BatchWindowTests {
  private var window = BatchWindow()
  private var now = Instant(nanoseconds: 1_000_000_000)
  private var random = SeededGenerator(seed: 1)

  private static let loading = RedisRefusal("LOADING Redis is loading the dataset in memory")
  private static let readOnly = RedisRefusal("READONLY You can't write against a read only replica.")

  private static func batch(_ number: UInt8) -> [FeedItem] { [FeedItem(id: [number], json: [])] }

  private mutating func send(_ numbers: ClosedRange<UInt8>) {
    for number in numbers { window.batchSent(Self.batch(number), now: now) }
  }

  private mutating func refuse(_ refusal: RedisRefusal = loading) -> BatchWindow.Action {
    window.batchRefused(refusal, now: now, using: &random)
  }

  /// Waits for the end of the pause.
  private mutating func wait() throws -> Duration {
    let until = try #require(window.pausedUntil)
    let delay = now.duration(to: until)
    now = until
    return delay
  }

  private mutating func takeOne() {
    send(0...0)
    #expect(window.batchTaken(now: now) == .succeed(tweetCount: 1, roundTrip: .zero))
  }

  @Test("The first batch goes alone; once it is accepted, eight may be under way")
  mutating func opening() {
    #expect(window.admitsBatch(at: now))
    send(1...1)
    #expect(!window.admitsBatch(at: now) && !window.isEmpty)
    let sentAt = now
    now = now.advanced(by: .milliseconds(3))
    #expect(window.batchTaken(now: now) == .succeed(tweetCount: 1, roundTrip: sentAt.duration(to: now)))
    #expect(window.isEmpty)
    send(1...7)
    #expect(window.admitsBatch(at: now))
    send(8...8)
    #expect(!window.admitsBatch(at: now))
  }

  @Test(
    "Temporarily refused batches wait, with one pause for all under way, and are sent again in order")
  mutating func refused() throws {
    takeOne()
    send(1...3)
    #expect(refuse() == .pause(Self.loading))
    let until = try #require(window.pausedUntil)
    #expect(!window.admitsBatch(at: now))
    #expect(refuse() == .none)
    #expect(refuse() == .none)
    #expect(window.pausedUntil == until)

    _ = try wait()
    #expect(window.admitsBatch(at: now))
    #expect(window.takeRefused() == Self.batch(1))
    send(1...1)
    #expect(!window.admitsBatch(at: now), "one ahead of all others")
    #expect(window.batchTaken(now: now) == .succeed(tweetCount: 1, roundTrip: .zero))
    #expect(window.pausedUntil == nil && window.admitsBatch(at: now))
    #expect(window.takeRefused() == Self.batch(2) && window.takeRefused() == Self.batch(3))
    #expect(window.takeRefused() == nil)
  }

  @Test(
    "As long as Redis refuses, the pauses grow up to five seconds; once it accepts a batch, they are short again"
  )
  mutating func backoff() throws {
    var delays: [Duration] = []
    send(1...1)
    for _ in 1...12 {
      #expect(refuse() == .pause(Self.loading))
      delays.append(try wait())
      send(1...1)
    }
    #expect(delays[0] <= .milliseconds(50) && delays[11] >= .milliseconds(2_500) && delays[11] <= .seconds(5))
    _ = window.batchTaken(now: now)
    send(1...1)
    _ = refuse()
    #expect(try wait() <= .milliseconds(50))
  }

  @Test("A batch accepted after an earlier one was refused does not end the pause")
  mutating func overtaking() {
    takeOne()
    send(1...2)
    #expect(refuse() == .pause(Self.loading))
    #expect(window.batchTaken(now: now) == .succeed(tweetCount: 1, roundTrip: .zero))
    #expect(window.pausedUntil != nil && !window.admitsBatch(at: now))
  }

  @Test(
    "A server that is no longer a master is left once all is answered; refused batches go to the next")
  mutating func demoted() throws {
    takeOne()
    send(1...2)
    #expect(refuse(Self.readOnly) == .pause(Self.readOnly))
    #expect(!window.wantsConnection(at: now))
    _ = try wait()
    #expect(!window.wantsConnection(at: now), "one is not answered yet")
    #expect(refuse(Self.readOnly) == .none)
    #expect(window.wantsConnection(at: now) && !window.admitsBatch(at: now))
    window.connectionOpened()
    #expect(!window.wantsConnection(at: now) && window.admitsBatch(at: now))
    #expect(window.takeRefused() == Self.batch(1) && window.takeRefused() == Self.batch(2))
  }

  @Test("An unknown script is sent again at once, and a permanent refusal ends the feed")
  mutating func others() {
    send(1...2)
    #expect(refuse(RedisRefusal("NOSCRIPT No matching script.")) == .sendAgain(Self.batch(1)))
    let lasting = RedisRefusal("NOPERM this user has no permissions")
    #expect(refuse(lasting) == .fail(lasting))
    #expect(window.pausedUntil == nil)
  }

  @Test("When the connection ends, batches under way are given up and counted, and refused ones are kept")
  mutating func connectionEnded() {
    takeOne()
    send(1...3)
    _ = refuse()
    let (unansweredCount, delay) = window.connectionEnded(using: &random)
    #expect(unansweredCount == 2 && delay > .zero)
    #expect(!window.isEmpty)
    window.connectionOpened()
    #expect(window.takeRefused() == Self.batch(1))
    #expect(window.isEmpty)
    #expect(window.batchTaken(now: now) == .none && refuse() == .none, "of nothing that is under way")
  }
}
