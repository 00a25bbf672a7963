import Primitives
import Testing
import Wire

@testable import HubCore

@Suite("FeedMachine")
struct FeedMachineTests {
  private var machine = FeedMachine(configuration: FeedConfiguration())
  private var random = FeedRandom(seed: 1)
  private var now = Instant(nanoseconds: 1_000_000_000_000)

  private mutating func reply(_ reply: FeedReply, on connection: FeedConnection) -> [FeedMachine.Action] {
    machine.replyReceived(reply, on: connection, now: now, using: &random)
  }

  private mutating func reply(
    _ replies: [FeedReply], on connection: FeedConnection
  ) -> [FeedMachine.Action] {
    var actions: [FeedMachine.Action] = []
    for answer in replies { actions += reply(answer, on: connection) }
    return actions
  }

  private static let master = FeedReply.list([.text(Array("master".utf8)), .integer(0), .list([])])

  private mutating func advance(_ duration: Duration) -> [FeedMachine.Action] {
    now = now.advanced(by: duration)
    return machine.timerTriggered(now: now, using: &random)
  }

  private mutating func message(_ channel: String, _ payload: String) -> FeedMachine.MessageAction {
    machine.messageReceived(channel: Array(channel.utf8), payload: Array(payload.utf8), now: now)
  }

  private func words(_ actions: [FeedMachine.Action]) -> [String] {
    actions.flatMap { action -> [String] in
      guard case .send(let connection, let commands) = action else { return ["\(action)"] }
      return commands.map { command in
        "\(connection): "
          + command.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      }
    }
  }

  /// Connects both, and takes all answers but the fence's; returns what the last one caused.
  private mutating func prepare() -> [FeedMachine.Action] {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    return reply([Self.master, .status("OK")], on: .command)
  }

  /// Answers a fence, nonce included, and returns what that caused.
  private mutating func answerFence(_ sent: [FeedMachine.Action], totals: [String]) throws -> [FeedMachine
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

  private mutating func goLive() throws {
    let sent = prepare()
    _ = try answerFence(sent, totals: ["A", "1"])
    #expect(machine.status == .anchored)
  }

  @Test("connects, subscribes, fences and is live")
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
    guard case .adopt(let totals) = try #require(actions.first) else {
      Issue.record("\(actions)")
      return
    }
    #expect(totals.totals.map(\.total) == [3])
    #expect(actions.dropFirst() == [.changeState(.anchored)])
  }

  @Test("logs in and selects a database before all else")
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

  @Test("shows no password")
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

  @Test("passes increments on before, during and after a fence")
  mutating func increments() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    let id = try ScoreID("A")
    #expect(message("stream.score_updates", "A") == .pass(.increment(id)))
    #expect(message("stream.score_updates", "") == .pass(.rejected(.idEmpty)))
    #expect(message("stream.relay_fence", "another hub's") == .perform([]))
  }

  @Test("waits longer after each failure, and starts over once it was live")
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

  @Test("says once what stays the same")
  mutating func statusOnce() throws {
    _ = machine.start(now: now)
    let first = machine.connectionClosed(.command, reason: "refused", now: now, using: &random)
    #expect(
      first == [.disconnect, .changeState(.interrupted(.connectionClosed(.command, reason: "refused")))])
    _ = advance(.seconds(5))
    let second = machine.connectionClosed(.command, reason: "refused", now: now, using: &random)
    #expect(second == [.disconnect])
  }

  @Test("says each time that a connection ends which may have brought something, also for the same reason")
  mutating func brokenTwice() throws {
    try goLive()
    for _ in 0..<2 {
      let ended = machine.connectionClosed(.subscription, reason: "killed", now: now, using: &random)
      #expect(ended.last == .changeState(.interrupted(.connectionClosed(.subscription, reason: "killed"))))
      let again = advance(.seconds(5))
      #expect(again == [.connect])
      _ = machine.connectionEstablished(.subscription, now: now)
      _ = machine.connectionEstablished(.command, now: now)
      _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    }
  }

  @Test("gives up when preparing takes too long")
  mutating func setupTimeout() {
    _ = machine.start(now: now)
    let early = advance(.seconds(4))
    #expect(early == [])
    let late = advance(.seconds(1))
    #expect(late == [.disconnect, .changeState(.interrupted(.setupTimedOut))])
  }

  @Test("gives up when a fence is not answered, or its nonce does not come")
  mutating func fenceTimeout() throws {
    _ = prepare()
    let actions = advance(.seconds(5))
    #expect(actions == [.disconnect, .changeState(.interrupted(.fenceTimedOut))])
  }

  @Test("drops what a connection still says after it was given up")
  mutating func staleEvents() throws {
    try goLive()
    _ = machine.connectionClosed(.subscription, reason: "end", now: now, using: &random)
    let actions = reply(.status("OK"), on: .command)
    #expect(actions == [])
    #expect(machine.connectionEstablished(.command, now: now) == [])
    #expect(machine.connectionClosed(.command, reason: "end", now: now, using: &random) == [])
  }

  @Test("probes a silent flow with a message to itself, and goes on when it comes")
  mutating func probe() throws {
    try goLive()
    #expect(machine.deadline == now.advanced(by: .seconds(5)))
    let sent = words(advance(.seconds(5)))
    #expect(sent.count == 1 && sent[0].hasPrefix("command: PUBLISH stream.relay_fence "))
    let published = reply(.integer(1), on: .command)
    #expect(published == [])
    let still = advance(.seconds(4))
    #expect(still == [])
    #expect(message("stream.relay_fence", "whatever") == .perform([]))
    #expect(machine.deadline == now.advanced(by: .seconds(5)))
  }

  @Test("makes both connections anew when a probe is not answered")
  mutating func silence() throws {
    try goLive()
    _ = advance(.seconds(5))
    _ = reply(.integer(0), on: .command)
    let actions = advance(.seconds(5))
    #expect(actions == [.disconnect, .changeState(.interrupted(.flowStopped))])
  }

  @Test("probes by PING where it may not publish, and says so once")
  mutating func pingFallback() throws {
    try goLive()
    _ = advance(.seconds(5))
    let refusal = FeedRefusal(request: "PUBLISH stream.relay_fence", message: "NOPERM x")
    let ping = FeedMachine.Action.send(.subscription, [FeedCommand("PING")])
    let first = reply(.failure("NOPERM x"), on: .command)
    #expect(first == [.notify(.probingByPing(refusal)), ping])
    let pong = reply(.list([.text([]), .text([])]), on: .subscription)
    #expect(pong == [])
    let second = advance(.seconds(5))
    #expect(second == [ping])
    let silent = advance(.seconds(5))
    #expect(silent == [.disconnect, .changeState(.interrupted(.flowStopped))])
  }

  @Test("is live without totals where there are none, and looks again")
  mutating func unanchored() throws {
    var sent = prepare()
    let missing = UnanchoredReason.scoresMissing(key: "emojitrack_score")
    let first = try answerFence(sent, totals: [])
    #expect(first == [.changeState(.unanchored(missing))])
    _ = message("stream.score_updates", "A")
    sent = advance(.seconds(5))
    let second = try answerFence(sent, totals: [])
    #expect(second == [])
    sent = advance(.seconds(5))
    let third = try answerFence(sent, totals: ["A", "1"])
    #expect(third.last == .changeState(.anchored))
    #expect(machine.nextFence == now.advanced(by: .seconds(30)))
  }

  @Test("fences on demand, one at a time")
  mutating func fenceOnDemand() throws {
    #expect(machine.fence(now: now, using: &random) == [])
    try goLive()
    let sent = machine.fence(now: now, using: &random)
    #expect(words(sent).count == Fence.replyCount)
    #expect(machine.fence(now: now, using: &random) == [])
    let actions = try answerFence(sent, totals: ["A", "2"])
    #expect(actions.count == 1)
  }

  @Test("fences at the pace of what the last one found")
  mutating func pace() throws {
    try goLive()
    #expect(machine.nextFence == now.advanced(by: .seconds(30)))
    machine.fenceJudged(.settling, now: now)
    #expect(machine.nextFence == now.advanced(by: .seconds(1)))
    machine.fenceJudged(.probation, now: now)
    #expect(machine.deadline == now.advanced(by: .milliseconds(200)))
    let early = advance(.milliseconds(199))
    #expect(early == [])
    let sent = advance(.milliseconds(1))
    #expect(words(sent).count == Fence.replyCount)
    machine.fenceJudged(.probation, now: now)
    #expect(machine.nextFence == nil)
    _ = try answerFence(sent, totals: ["A", "2"])
    #expect(machine.nextFence == now.advanced(by: .seconds(30)))
  }

  @Test("fences no slower than it is told to, whatever was found")
  mutating func shortInterval() throws {
    var configuration = FeedConfiguration()
    configuration.timing.fenceInterval = .milliseconds(300)
    machine = FeedMachine(configuration: configuration)
    try goLive()
    machine.fenceJudged(.settling, now: now)
    #expect(machine.nextFence == now.advanced(by: .milliseconds(300)))
  }

  @Test("renews a lineage at once, and goes on trying while Redis refuses")
  mutating func renewal() throws {
    try goLive()
    let old = try #require(Lineage("a"))
    let sent = words(machine.renewLineage(leaving: old, now: now, using: &random))
    #expect(sent[0].hasPrefix("command: EVAL ") && sent[0].contains(" 1 emojitrack_relay_lineage a "))
    let queued = FeedReply.status("QUEUED")
    let list = FeedReply.list([.text([0x61]), .text([0x31])])
    let unscripted = reply(
      [
        .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x61]), .integer(1), list]),
      ], on: .command)
    let noScript = FeedRefusal(request: "EVAL emojitrack_relay_lineage", message: "NOPERM x")
    #expect(unscripted.first == .notify(.renamingPlainly(noScript)))
    let plain = words(Array(unscripted.dropFirst()))
    #expect(plain[0].hasPrefix("command: SET emojitrack_relay_lineage ") && !plain[0].hasSuffix(" NX"))
    let refused = reply(
      [
        .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x61]), .integer(1), list]),
      ], on: .command)
    let refusal = FeedRefusal(request: "SET emojitrack_relay_lineage", message: "NOPERM x")
    #expect(refused == [.changeState(.unanchored(.refused(refusal)))])
    let again = advance(.seconds(5))
    #expect(words(again)[0].hasSuffix(" NX") == false)
    // Somebody else gave it a new name.
    let nonce = try #require(words(again)[3].split(separator: " ").last)
    _ = message("stream.relay_fence", String(nonce))
    let adopted = reply(
      [
        .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x62]), .integer(1), list]),
      ], on: .command)
    #expect(adopted.last == .changeState(.anchored))
    let routine = advance(.seconds(30))
    #expect(words(routine)[0].hasSuffix(" NX"))
  }

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
