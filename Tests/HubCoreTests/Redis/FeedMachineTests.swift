import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

@Suite("FeedMachine")
struct FeedMachineTests {
  var machine = FeedMachine(configuration: FeedConfiguration())
  var random = SeededGenerator(seed: 1)
  var now = Instant(nanoseconds: 1_000_000_000_000)

  mutating func reply(_ reply: FeedReply, on connection: FeedConnection) -> [FeedMachine.Action] {
    machine.replyReceived(reply, on: connection, now: now, using: &random)
  }

  mutating func reply(
    _ replies: [FeedReply], on connection: FeedConnection
  ) -> [FeedMachine.Action] {
    var actions: [FeedMachine.Action] = []
    for answer in replies { actions += reply(answer, on: connection) }
    return actions
  }

  static let master = FeedReply.list([.text(Array("master".utf8)), .integer(0), .list([])])

  mutating func advance(_ duration: Duration) -> [FeedMachine.Action] {
    now = now.advanced(by: duration)
    return machine.timerTriggered(now: now, using: &random)
  }

  mutating func message(_ channel: String, _ payload: String) -> FeedMachine.MessageAction {
    machine.messageReceived(channel: Array(channel.utf8), payload: Array(payload.utf8), now: now)
  }

  func words(_ actions: [FeedMachine.Action]) -> [String] {
    actions.flatMap { action -> [String] in
      guard case .send(let connection, let commands) = action else { return ["\(action)"] }
      return commands.map { command in
        "\(connection): "
          + command.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      }
    }
  }

  /// Establishes both connections and answers everything but the fence; returns the actions that the last reply
  /// caused.
  mutating func prepare() -> [FeedMachine.Action] {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    return reply([Self.master, .status("OK")], on: .command)
  }

  /// Answers a fence, nonce included, and returns the actions that this caused.
  mutating func answerFence(_ sent: [FeedMachine.Action], totals: [String]) throws -> [FeedMachine
    .Action]
  {
    guard case .send(.command, let commands) = try #require(sent.last) else {
      Issue.record("no fence: \(sent)")
      return []
    }
    let nonce = String(decoding: try #require(commands[3].arguments.last), as: UTF8.self)
    _ = message("stream.relay_fence", nonce)
    let queued = FeedReply.status("QUEUED")
    let list = FeedReply.list(totals.map { .text(Array($0.utf8)) })
    return reply(
      [.status("OK"), .status("OK"), queued, queued, queued, .list([.text([0x61]), .integer(1), list])],
      on: .command)
  }

  mutating func goLive() throws {
    let sent = prepare()
    _ = try answerFence(sent, totals: ["A", "1"])
    #expect(machine.status == .anchored)
  }

  @Test("The machine connects, subscribes, fences and is live")
  mutating func wholeStory() throws {
    #expect(machine.start(now: now) == [.connect])
    let greeting = words(machine.connectionEstablished(.subscription, now: now))
    #expect(
      greeting == [
        "subscription: ROLE",
        "subscription: CLIENT SETNAME emojitrack-hub",
        "subscription: SUBSCRIBE stream.score_updates",
        "subscription: PSUBSCRIBE stream.tweet_updates.*",
        "subscription: SUBSCRIBE stream.relay_fence",
      ])
    #expect(
      words(machine.connectionEstablished(.command, now: now)) == [
        "command: ROLE", "command: CLIENT SETNAME emojitrack-hub",
      ])
    let early = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    #expect(early == [])
    let sent = reply([Self.master, .status("OK")], on: .command)
    #expect(words(sent).count == Fence.replyCount)
    let actions = try answerFence(sent, totals: ["A", "3"])
    guard case .reconcile(let totals) = try #require(actions.first) else {
      Issue.record("\(actions)")
      return
    }
    #expect(totals.totals.map(\.total) == [3])
    #expect(actions.dropFirst() == [.changeState(.anchored)])
  }

  @Test("The machine logs in and selects a database before everything else")
  mutating func login() {
    var configuration = FeedConfiguration()
    configuration.user = "u"
    configuration.password = "p"
    configuration.database = 3
    configuration.isInteractionEnabled = true
    machine = FeedMachine(configuration: configuration)
    _ = machine.start(now: now)
    let greeting = words(machine.connectionEstablished(.subscription, now: now))
    #expect(greeting.prefix(2) == ["subscription: AUTH u p", "subscription: SELECT 3"])
    #expect(greeting.contains("subscription: PSUBSCRIBE stream.interaction.*"))
    #expect(
      words(machine.connectionEstablished(.command, now: now)).prefix(2) == [
        "command: AUTH u p", "command: SELECT 3",
      ])
    let actions = reply(.failure("WRONGPASS invalid"), on: .command)
    let refusal = FeedRefusal(request: "AUTH", message: "WRONGPASS invalid")
    #expect(actions == [.disconnect, .changeState(.interrupted(.refused(refusal)))])
  }

  @Test("No description shows a password")
  mutating func secrets() {
    var configuration = FeedConfiguration()
    configuration.password = "s3cret"
    machine = FeedMachine(configuration: configuration)
    _ = machine.start(now: now)
    let actions = machine.connectionEstablished(.command, now: now)
    var text = "\(actions) \(configuration)"
    dump(actions, to: &text)
    dump(machine, to: &text)
    #expect(!text.contains("s3cret"))
  }

  @Test("Increments are delivered before, during and after a fence")
  mutating func increments() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    let id = try ScoreID("A")
    #expect(message("stream.score_updates", "A") == .pass(.increment(id)))
    #expect(message("stream.score_updates", "") == .pass(.rejected(.idEmpty)))
    #expect(message("stream.relay_fence", "another hub's") == .perform([]))
  }

  @Test("The wait grows with each failure, and starts over after a live session")
  mutating func backoff() throws {
    _ = machine.start(now: now)
    var waits: [Duration] = []
    for _ in 0..<12 {
      let actions = machine.connectionClosed(.command, reason: "refused", now: now, using: &random)
      #expect(actions.first == .disconnect)
      let deadline = try #require(machine.deadline)
      let wait = now.duration(to: deadline)
      waits.append(wait)
      let early = advance(wait - .nanoseconds(1))
      #expect(early == [])
      let late = advance(.nanoseconds(1))
      #expect(late == [.connect])
    }
    #expect(waits[0] >= .milliseconds(25) && waits[0] <= .milliseconds(50))
    #expect(waits[11] >= .milliseconds(2500) && waits[11] <= .seconds(5))
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    let sent = reply([Self.master, .status("OK")], on: .command)
    _ = try answerFence(sent, totals: ["A", "1"])
    _ = machine.connectionClosed(.subscription, reason: "end", now: now, using: &random)
    let deadline = try #require(machine.deadline)
    #expect(now.duration(to: deadline) <= .milliseconds(50))
  }

  @Test("An unchanged state is reported once")
  mutating func statusOnce() throws {
    _ = machine.start(now: now)
    let first = machine.connectionClosed(.command, reason: "refused", now: now, using: &random)
    #expect(
      first == [.disconnect, .changeState(.interrupted(.connectionClosed(.command, reason: "refused")))])
    _ = advance(.seconds(5))
    let second = machine.connectionClosed(.command, reason: "refused", now: now, using: &random)
    #expect(second == [.disconnect])
  }

  @Test("Each end of a connection that may have received messages is reported, also for the same reason")
  mutating func brokenTwice() throws {
    try goLive()
    for _ in 0..<2 {
      let ended = machine.connectionClosed(.subscription, reason: "killed", now: now, using: &random)
      #expect(ended.last == .changeState(.interrupted(.connectionClosed(.subscription, reason: "killed"))))
      let again = advance(.seconds(5))
      #expect(again == [.connect])
      _ = machine.connectionEstablished(.subscription, now: now)
      _ = machine.connectionEstablished(.command, now: now)
      _ = reply([Self.master, .status("OK"), .list([])], on: .subscription)
    }
    _ = machine.connectionClosed(.subscription, reason: "killed", now: now, using: &random)
    _ = advance(.seconds(5))
    _ = machine.connectionEstablished(.subscription, now: now)
    let unsubscribed = machine.connectionClosed(.subscription, reason: "killed", now: now, using: &random)
    #expect(unsubscribed == [.disconnect], "it could bring nothing")
  }

  @Test("The driver limits the time for connecting, and the machine the time for what follows")
  mutating func setupTimeout() {
    _ = machine.start(now: now)
    #expect(machine.deadline == nil)
    let connecting = advance(.seconds(40))
    #expect(connecting == [])
    _ = machine.connectionEstablished(.command, now: now)
    let first = advance(.seconds(4))
    #expect(first == [])
    _ = machine.connectionEstablished(.subscription, now: now)
    let early = advance(.seconds(4))
    #expect(early == [])
    let late = advance(.seconds(1))
    #expect(late == [.disconnect, .changeState(.interrupted(.setupTimedOut))])
  }

  @Test("Events from a connection that was given up are ignored")
  mutating func staleEvents() throws {
    try goLive()
    _ = machine.connectionClosed(.subscription, reason: "end", now: now, using: &random)
    let actions = reply(.status("OK"), on: .command)
    #expect(actions == [])
    #expect(machine.connectionEstablished(.command, now: now) == [])
    #expect(machine.connectionClosed(.command, reason: "end", now: now, using: &random) == [])
  }
}
