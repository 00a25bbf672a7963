import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

@Suite("FeedMachine, tweets")
struct FeedMachineTweetsTests {
  private var machine = FeedMachine(configuration: FeedConfiguration())
  private var random = SeededGenerator(seed: 1)
  private var now = Instant(nanoseconds: 1_000_000_000_000)
  private let topic: TopicID

  init() throws {
    topic = try #require(TopicID("A"))
  }

  private mutating func reply(_ replies: [FeedReply], on connection: FeedConnection) -> [FeedMachine.Action] {
    var actions: [FeedMachine.Action] = []
    for answer in replies {
      actions += machine.replyReceived(answer, on: connection, now: now, using: &random)
    }
    return actions
  }

  /// Makes the feed live without totals, so that no fence interferes.
  private mutating func goLive(subscription: [FeedReply] = [.status("OK"), .list([]), .list([]), .list([])]) {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let role = FeedReply.list([.text(Array("master".utf8)), .integer(0), .list([])])
    _ = reply([role] + subscription, on: .subscription)
    _ = reply([role, .status("OK")], on: .command)
    if machine.session?.fence.isUnderWay == true {
      let queued = FeedReply.status("QUEUED")
      let results = FeedReply.list([.text(nil), .integer(1), .list([])])
      _ = reply([.status("OK"), .status("OK"), queued, queued, queued, results], on: .command)
    }
    #expect(machine.isLive)
  }

  private mutating func ask() -> [FeedMachine.Action] {
    machine.listTweets(of: [topic], now: now, using: &random)
  }

  @Test("Before the feed is live there are no lists")
  mutating func notLive() {
    #expect(ask() == [.report(TweetList(topic: topic, payloads: nil))])
  }

  @Test(
    "A list that is late during a fence interrupts the feed, so that its deadline does not stay")
  mutating func lateBesideAFence() throws {
    goLive()
    _ = ask()
    let deadline = try #require(machine.deadline)
    now = now.advanced(by: .seconds(1))
    _ = machine.fence(now: now, using: &random)
    now = deadline
    let actions = machine.timerTriggered(now: now, using: &random)
    #expect(actions.contains(.changeState(.interrupted(.tweetsTimedOut))))
    #expect(try #require(machine.deadline) > now)
  }

  @Test("A list is read at the place of its nonce, with the tweets behind it")
  mutating func exact() throws {
    goLive()
    guard case .send(.command, let commands) = try #require(ask().first) else {
      Issue.record("nothing was sent")
      return
    }
    let fences = Array("stream.relay_fence".utf8)
    let nonce = commands[1].arguments[2]
    #expect(machine.messageReceived(channel: fences, payload: nonce, now: now) == .perform([]))
    let channel = Array("stream.tweet_updates.A".utf8)
    guard case .pass(.topicEvent) = machine.messageReceived(channel: channel, payload: [0x62], now: now)
    else {
      Issue.record("the tweet was not passed on")
      return
    }
    let queued = FeedReply.status("QUEUED")
    let results = FeedReply.list([.integer(1), .list([.text([0x61])])])
    #expect(
      reply([.status("OK"), queued, queued, results], on: .command)
        == [.report(TweetList(topic: topic, payloads: [[0x61], [0x62]]))])
    #expect(machine.session?.tweetsDeadline == nil)
  }

  @Test("If nonces do not arrive the list is read plainly, which is reported once")
  mutating func plain() {
    let refused = FeedReply.failure("NOPERM no")
    goLive(subscription: [.status("OK"), .list([]), .list([]), refused])
    let refusal = FeedRefusal(request: "SUBSCRIBE stream.relay_fence", message: "NOPERM no")
    let sent = FeedMachine.Action.send(.command, [FeedCommand("LRANGE", "emojitrack_tweets_A", "0", "9")])
    #expect(ask() == [.notify(.refused(.exactLists, refusal)), sent])
    #expect(reply([.list([])], on: .command) == [.report(TweetList(topic: topic, payloads: []))])
    #expect(ask() == [sent])
  }

  @Test("A list that is late interrupts the feed, and no caller is left waiting")
  mutating func timeOut() {
    goLive()
    _ = ask()
    #expect(machine.deadline == now.advanced(by: .seconds(5)))
    now = now.advanced(by: .seconds(5))
    #expect(
      machine.timerTriggered(now: now, using: &random) == [
        .disconnect, .report(TweetList(topic: topic, payloads: nil)),
        .changeState(.interrupted(.tweetsTimedOut)),
      ])
    #expect(machine.session?.tweetsDeadline == nil)
  }
}
