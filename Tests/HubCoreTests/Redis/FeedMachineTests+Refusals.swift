import Primitives
import Testing
import Wire

@testable import HubCore

// What Redis refuses, and masters that are none.
extension FeedMachineTests {
  @Test("can not do without the right to hear of scores")
  mutating func missingScoreRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    let actions = reply([Self.master, .status("OK"), .failure("NOPERM x")], on: .subscription)
    let refusal = FeedRefusal(request: "SUBSCRIBE stream.score_updates", message: "NOPERM x")
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("does without the right to hear of tweets, and says so once")
  mutating func missingTweetRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let actions = reply(
      [Self.master, .status("OK"), .list([]), .failure("NOPERM x"), .list([])], on: .subscription)
    let refusal = FeedRefusal(request: "PSUBSCRIBE stream.tweet_updates.*", message: "NOPERM x")
    #expect(actions == [.notify(.subscriptionRefused(refusal))])
    let sent = reply([Self.master, .failure("NOPERM client setname")], on: .command)
    #expect(words(sent).count == Fence.replyCount)
  }

  @Test("is live but unanchored without the right to hear of fences, and probes by PING")
  mutating func missingFenceRight() {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK")], on: .command)
    let actions = reply(
      [Self.master, .status("OK"), .list([]), .list([]), .failure("NOPERM x")], on: .subscription)
    let refusal = FeedRefusal(request: "SUBSCRIBE stream.relay_fence", message: "NOPERM x")
    #expect(
      actions == [.notify(.subscriptionRefused(refusal)), .changeState(.unanchored(.refused(refusal)))])
    #expect(machine.fence(now: now, using: &random) == [])
    #expect(words(advance(.seconds(5))).last == "subscription: PING")
  }

  @Test("refuses a replica and a sentinel, on either connection", arguments: FeedConnection.allCases)
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

  @Test("goes on where it may not ask for the role, and says so once")
  mutating func roleRefused() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    let refusal = FeedReply.failure("NOPERM x")
    let first = reply([refusal, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    #expect(first == [.notify(.roleUnknown(FeedRefusal(request: "ROLE", message: "NOPERM x")))])
    let second = reply([refusal, .status("OK")], on: .command)
    #expect(words(second).count == Fence.replyCount)
  }

  @Test("leaves a master that turned into a replica as soon as a fence may not write")
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

  @Test("goes over to another master at once, live or waiting")
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

  @Test("tells what Redis says unasked")
  mutating func unasked() throws {
    try goLive()
    let message = "ERR max number of clients reached"
    let actions = reply(.failure(message), on: .command)
    let refusal = FeedRefusal(request: "a connection", message: message)
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("does not take loading for a lack of totals")
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
