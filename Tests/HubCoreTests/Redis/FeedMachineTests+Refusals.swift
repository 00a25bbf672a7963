import Primitives
import Testing
import Wire

@testable import HubCore

// Refusals by Redis, and servers that are not masters.
extension FeedMachineTests {
  @Test("The feed machine cannot do without the right to subscribe to scores")
  mutating func missingScoreRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    let actions = reply([Self.master, .status("OK"), .failure("NOPERM x")], on: .subscription)
    let refusal = FeedRefusal(request: "SUBSCRIBE stream.score_updates", message: "NOPERM x")
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("The feed goes on without the right to subscribe to tweets, and reports it once")
  mutating func missingTweetRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let actions = reply(
      [Self.master, .status("OK"), .list([]), .failure("NOPERM x"), .list([])], on: .subscription)
    let refusal = FeedRefusal(request: "PSUBSCRIBE stream.tweet_updates.*", message: "NOPERM x")
    #expect(actions == [.notify(.refused(.tweets, refusal))])
    let sent = reply([Self.master, .failure("NOPERM client setname")], on: .command)
    #expect(words(sent).count == Fence.replyCount)
  }

  @Test("A refused subscription is retried every 5 s, and its success is reported")
  mutating func tweetRightComes() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .failure("NOPERM x"), .list([])], on: .subscription)
    _ = try answerFence(reply([Self.master, .status("OK")], on: .command), totals: ["A", "1"])
    #expect(machine.refusals.keys.sorted { $0.rawValue < $1.rawValue } == [.tweets])
    for _ in 0..<2 {
      _ = message("stream.score_updates", "A")
      #expect(machine.deadline == now.advanced(by: .seconds(5)))
      let again = words(advance(.seconds(5)))
      #expect(again.contains("subscription: PSUBSCRIBE stream.tweet_updates.*"))
      #expect(reply(.failure("NOPERM x"), on: .subscription) == [], "the operator knows")
      #expect(machine.refusals[.tweets] != nil)
    }
    _ = advance(.seconds(5))
    #expect(reply(.list([]), on: .subscription) == [.notify(.granted(.tweets))])
    #expect(machine.refusals.isEmpty && machine.retryTime == nil)
  }

  @Test("A subscription whose command was renamed is left out, without a reconnection")
  mutating func missingCommand() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let unknown = FeedReply.failure("ERR unknown command 'PSUBSCRIBE', with args beginning with: 'x' ")
    let actions = reply([Self.master, .status("OK"), .list([]), unknown, .list([])], on: .subscription)
    guard case .notify(.refused(.tweets, let refusal)) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(refusal.message == "ERR unknown command 'PSUBSCRIBE'")
    _ = try answerFence(reply([Self.master, .status("OK")], on: .command), totals: ["A", "1"])
    #expect(machine.status == .anchored && machine.retryTime == nil, "no change of rights gives it a name")
  }

  @Test("Without the right to subscribe to fences the feed is live but unanchored, and probes by PING")
  mutating func missingFenceRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK")], on: .command)
    let actions = reply(
      [Self.master, .status("OK"), .list([]), .list([]), .failure("NOPERM x")], on: .subscription)
    let refusal = FeedRefusal(request: "SUBSCRIBE stream.relay_fence", message: "NOPERM x")
    #expect(
      actions == [.notify(.refused(.fences, refusal)), .changeState(.unanchored(.refused(refusal)))])
    #expect(machine.fence(now: now, using: &random) == [])
    let later = words(advance(.seconds(5)))
    #expect(later.first == "subscription: SUBSCRIBE stream.relay_fence" && later.last == "subscription: PING")
  }

  @Test("The first fence begins once fences may be received")
  mutating func fenceRightComes() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK")], on: .command)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .failure("NOPERM x")], on: .subscription)
    _ = advance(.seconds(5))
    let granted = reply(.list([]), on: .subscription)
    #expect(granted.first == .notify(.granted(.fences)))
    let anchored = try answerFence(granted, totals: ["A", "1"])
    #expect(anchored.first == .notify(.granted(.probes)), "the last probe was a PING")
    #expect(anchored.last == .changeState(.anchored) && machine.refusals.isEmpty)
  }

  private static let unknownEXEC = FeedReply.failure("ERR unknown command 'EXEC', with args beginning with: ")
  private static let queued = FeedReply.status("QUEUED")
  private static let noEXEC = FeedRefusal(request: "EXEC", message: "ERR unknown command 'EXEC'")

  @Test(
    "A transaction that Redis does not end is left, and none begins before it is certain that it can be ended"
  )
  mutating func strandedTransaction() throws {
    _ = prepare()
    let stranded = reply(
      [.text(nil), .status("OK"), Self.queued, Self.queued, Self.queued, Self.unknownEXEC], on: .command)
    let discard = FeedMachine.Action.send(.command, [FeedCommand("DISCARD")])
    #expect(stranded == [discard, .changeState(.unanchored(.refused(Self.noEXEC)))])
    #expect(reply(.status("OK"), on: .command) == [])
    // Lists of tweets are read without a transaction.
    let topic = try #require(TopicID("A"))
    let lists = words(machine.listTweets(of: [topic], now: now, using: &random))
    #expect(lists.last == "command: LRANGE emojitrack_tweets_A 0 9")
    #expect(reply(.list([]), on: .command) == [.report(TweetList(topic: topic, payloads: []))])
    let check = words(advance(.seconds(5))).filter { !$0.contains("PUBLISH") }
    #expect(check == ["command: EXEC"])
    #expect(machine.fence(now: now, using: &random) == [])
    #expect(reply(Self.unknownEXEC, on: .command) == [], "all is as it was")
    let again = words(advance(.seconds(5))).filter { !$0.contains("PUBLISH") }
    #expect(again == ["command: EXEC"])
    // Redis was restarted with another configuration.
    let fence = reply(.failure("ERR EXEC without MULTI"), on: .command)
    #expect(try answerFence(fence, totals: ["A", "1"]).last == .changeState(.anchored))
  }

  @Test("If a transaction can be neither executed nor discarded, the machine reconnects once")
  mutating func noWayOut() throws {
    _ = prepare()
    _ = reply(
      [.text(nil), .status("OK"), Self.queued, Self.queued, Self.queued, Self.unknownEXEC], on: .command)
    let interrupted = reply(.failure("ERR unknown command 'DISCARD'"), on: .command)
    #expect(interrupted == [.disconnect, .changeState(.interrupted(.refused(Self.noEXEC)))])
    _ = advance(.seconds(5))
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    #expect(words(reply([Self.master, .status("OK")], on: .command)) == ["command: EXEC"])
    let live = reply(Self.unknownEXEC, on: .command)
    #expect(live == [.changeState(.unanchored(.refused(Self.noEXEC)))])
  }

  @Test("A replica and a sentinel are refused, on either connection", arguments: FeedConnection.allCases)
  mutating func replica(connection: FeedConnection) {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let role = [FeedReply.text(Array("slave".utf8)), .text(Array("10.0.0.1".utf8)), .integer(6379)]
    let actions = reply(.list(role + [.text(Array("connected".utf8)), .integer(0)]), on: connection)
    let interruption = FeedInterruption.notMaster(role: "replica of 10.0.0.1:6379")
    #expect(actions == [.disconnect, .changeState(.interrupted(interruption))])
    _ = advance(.seconds(1))
    _ = machine.connectionEstablished(connection, now: now)
    let sentinel = reply(.list([.text(Array("sentinel".utf8)), .list([])]), on: connection)
    #expect(sentinel == [.disconnect, .changeState(.interrupted(.notMaster(role: "sentinel")))])
  }

  @Test("Without the right to ask for the role the feed goes on, and reports it once")
  mutating func roleRefused() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let refusal = FeedReply.failure("NOPERM x")
    let first = reply([refusal, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    #expect(first == [.notify(.refused(.role, FeedRefusal(request: "ROLE", message: "NOPERM x")))])
    let second = reply([refusal, .status("OK")], on: .command)
    #expect(words(second).count == Fence.replyCount)
  }

  @Test("A master that became a replica is left as soon as a fence may not write")
  mutating func demoted() throws {
    try goLive()
    _ = advance(.seconds(5))
    _ = message("stream.relay_fence", "x")
    _ = reply(.integer(1), on: .command)
    let sent = machine.fence(now: now, using: &random)
    #expect(words(sent).count == Fence.replyCount)
    let queued = FeedReply.status("QUEUED")
    let message = "READONLY You can't write against a read only replica."
    let actions = reply(
      [
        .failure(message), .status("OK"), queued, queued, queued,
        .list([.text([0x61]), .integer(1), .list([.text([0x61]), .text([0x31])])]),
      ], on: .command)
    let refusal = FeedRefusal(request: "SET emojitrack_relay_lineage", message: message)
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("A new master is connected at once, from a live feed or from a wait")
  mutating func masterMoved() throws {
    let address = try HostPort(parsing: "10.0.0.2:6379")
    #expect(machine.masterMoved(to: address, now: now, using: &random) == [])
    try goLive()
    let left = machine.masterMoved(to: address, now: now, using: &random)
    #expect(left == [.disconnect, .changeState(.interrupted(.masterMoved(to: address)))])
    #expect(machine.deadline == now)
    let connected = advance(.zero)
    #expect(connected == [.connect])
    let unknown = machine.masterUnknown(reason: "nobody knows", now: now, using: &random)
    #expect(unknown == [.disconnect, .changeState(.interrupted(.masterUnknown(reason: "nobody knows")))])
    #expect(machine.deadline != now)
    let waiting = machine.masterMoved(to: address, now: now, using: &random)
    #expect(waiting == [])
    let again = advance(.zero)
    #expect(again == [.connect])
  }

  @Test("An error that Redis sends without a request is reported")
  mutating func unasked() throws {
    try goLive()
    let message = "ERR max number of clients reached"
    let actions = reply(.failure(message), on: .command)
    let refusal = FeedRefusal(request: "a connection", message: message)
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("Loading is not mistaken for missing totals")
  mutating func loading() {
    _ = prepare()
    let loading = FeedReply.failure("LOADING Redis is loading the dataset in memory")
    let actions = reply(
      [loading, .status("OK"), loading, loading, loading, .failure("EXECABORT")], on: .command)
    let refusal = FeedRefusal(
      request: "GET emojitrack_relay_lineage", message: "LOADING Redis is loading the dataset in memory")
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }
}
