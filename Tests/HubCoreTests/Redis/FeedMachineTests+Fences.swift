import Primitives
import Testing
import Wire

@testable import HubCore

// How totals are fenced, and how a silent flow is probed.
extension FeedMachineTests {
  @Test("A fence without an answer, or without its nonce, times out")
  mutating func fenceTimeout() throws {
    _ = prepare()
    let actions = advance(.seconds(5))
    #expect(actions == [.disconnect, .changeState(.interrupted(.fenceTimedOut))])
  }

  @Test("A silent flow is probed with a message to the hub itself, and goes on when it arrives")
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

  @Test("A probe without an answer makes the machine reconnect")
  mutating func silence() throws {
    try goLive()
    _ = advance(.seconds(5))
    _ = reply(.integer(0), on: .command)
    let actions = advance(.seconds(5))
    #expect(actions == [.disconnect, .changeState(.interrupted(.flowStopped))])
  }

  @Test("Without the right to publish the flow is probed by PING, which is reported once")
  mutating func pingFallback() throws {
    try goLive()
    _ = advance(.seconds(5))
    let refusal = FeedRefusal(request: "PUBLISH stream.relay_fence", message: "NOPERM x")
    let ping = FeedMachine.Action.send(.subscription, [FeedCommand("PING")])
    let first = reply(.failure("NOPERM x"), on: .command)
    #expect(first == [.notify(.refused(.probes, refusal)), ping])
    let pong = reply(.list([.text([]), .text([])]), on: .subscription)
    #expect(pong == [])
    let second = words(advance(.seconds(5)))
    #expect(second.count == 1 && second[0].hasPrefix("command: PUBLISH "), "it may be allowed by now")
    let again = reply(.failure("NOPERM x"), on: .command)
    #expect(again == [ping])
    let silent = advance(.seconds(5))
    #expect(silent == [.disconnect, .changeState(.interrupted(.flowStopped))])
  }

  @Test(
    "An absent set counts as an empty history, and the hub counts by itself if messages arrive for five seconds"
  )
  mutating func absent() throws {
    var sent = prepare()
    let first = try answerFence(sent, totals: [])
    guard case .reconcile(let totals) = try #require(first.first) else {
      Issue.record("\(first)")
      return
    }
    #expect(totals.totals.isEmpty && first.last == .changeState(.anchored))
    _ = machine.fenceJudged(.next(.routine), now: now, using: &random)
    #expect(machine.session?.nextFence == now.advanced(by: .seconds(1)), "it may come at any time")
    _ = message("stream.score_updates", "A")
    for _ in 1...5 {
      sent = advance(.milliseconds(999))
      sent = advance(.milliseconds(1))
      let undecided = try answerFence(sent, totals: [])
      guard machine.status == .anchored else {
        #expect(undecided == [.changeState(.unanchored(.scoresMissing(key: "emojitrack_score")))])
        break
      }
      #expect(undecided == [])
    }
    #expect(machine.status != .anchored)
    sent = advance(.seconds(5))
    let later = try answerFence(sent, totals: ["A", "1"])
    #expect(later.last == .changeState(.anchored))
    #expect(machine.session?.nextFence == now.advanced(by: .seconds(30)))
  }

  @Test("While Redis has no memory for a transaction, known totals stay valid and are proven later")
  mutating func postponed() throws {
    try goLive()
    let sent = advance(.seconds(30))
    #expect(words(sent).count == Fence.replyCount)
    let refusal = FeedRefusal(request: "GET emojitrack_relay_lineage", message: "OOM command not allowed")
    let oom = FeedReply.failure("OOM command not allowed")
    let actions = reply(
      [oom, .status("OK"), oom, oom, oom, .failure("EXECABORT Transaction discarded")], on: .command)
    #expect(actions == [.notify(.refused(.comparison, refusal))])
    #expect(machine.status == .anchored)
    #expect(words(advance(.seconds(5))).count == Fence.replyCount)
  }

  @Test("An announcement of another hub makes it read the totals again at once, its own does not")
  mutating func announcements() throws {
    try goLive()
    _ = advance(.seconds(1))
    let told = words(machine.announce(using: &random))
    #expect(told.count == 1 && told[0].hasPrefix("command: PUBLISH stream.relay_fence again:"))
    let own = try #require(told[0].split(separator: " ").last)
    #expect(message("stream.relay_fence", String(own)) == .perform([]))
    #expect(machine.session?.nextFence != now)
    #expect(message("stream.relay_fence", "again:1") == .perform([]))
    #expect(machine.session?.nextFence == now)
  }

  @Test("Requested fences keep an interval")
  mutating func distance() throws {
    try goLive()
    machine.fenceSoon(now: now)
    #expect(machine.session?.nextFence == now.advanced(by: .milliseconds(200)))
    let sent = advance(.milliseconds(200))
    // The fence in progress began before the request: another one follows it, and nothing is due before.
    machine.fenceSoon(now: now)
    #expect(machine.deadline == now.advanced(by: .seconds(5)))
    _ = try answerFence(sent, totals: ["A", "1"])
    _ = machine.fenceJudged(.next(.routine), now: now, using: &random)
    #expect(machine.session?.nextFence == now.advanced(by: .milliseconds(200)))
  }

  @Test("Requested fences run one at a time")
  mutating func fenceOnDemand() throws {
    #expect(machine.fence(now: now, using: &random) == [])
    try goLive()
    let sent = machine.fence(now: now, using: &random)
    #expect(words(sent).count == Fence.replyCount)
    #expect(machine.fence(now: now, using: &random) == [])
    let actions = try answerFence(sent, totals: ["A", "2"])
    #expect(actions.count == 1)
  }

  @Test("The interval of fences depends on the result of the last one")
  mutating func pace() throws {
    try goLive()
    #expect(machine.session?.nextFence == now.advanced(by: .seconds(30)))
    _ = machine.fenceJudged(.next(.settling), now: now, using: &random)
    #expect(machine.session?.nextFence == now.advanced(by: .seconds(1)))
    _ = machine.fenceJudged(.next(.confirmation), now: now, using: &random)
    #expect(machine.deadline == now.advanced(by: .milliseconds(200)))
    let early = advance(.milliseconds(199))
    #expect(early == [])
    let sent = advance(.milliseconds(1))
    #expect(words(sent).count == Fence.replyCount)
    _ = machine.fenceJudged(.next(.confirmation), now: now, using: &random)
    #expect(machine.session?.nextFence == nil)
    _ = try answerFence(sent, totals: ["A", "2"])
    #expect(machine.session?.nextFence == now.advanced(by: .seconds(30)))
  }

  @Test("The interval of fences never exceeds the configured one")
  mutating func shortInterval() throws {
    var configuration = FeedConfiguration()
    configuration.timing.fenceInterval = .milliseconds(300)
    machine = FeedMachine(configuration: configuration)
    try goLive()
    _ = machine.fenceJudged(.next(.settling), now: now, using: &random)
    #expect(machine.session?.nextFence == now.advanced(by: .milliseconds(300)))
  }

  @Test("A lineage is renamed at once, and the attempts go on while Redis refuses")
  mutating func renewal() throws {
    try goLive()
    let old = try #require(Lineage("a"))
    let sent = words(machine.fenceJudged(.renameLineage(old), now: now, using: &random))
    #expect(sent[0].hasPrefix("command: EVAL ") && sent[0].contains(" 1 emojitrack_relay_lineage a "))
    let queued = FeedReply.status("QUEUED")
    let list = FeedReply.list([.text([0x61]), .text([0x31])])
    let unscripted = reply(
      [
        .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x61]), .integer(1), list]),
      ], on: .command)
    let noScript = FeedRefusal(request: "EVAL emojitrack_relay_lineage", message: "NOPERM x")
    #expect(unscripted.first == .notify(.refused(.script, noScript)))
    let plain = words(Array(unscripted.dropFirst()))
    #expect(plain[0].hasPrefix("command: SET emojitrack_relay_lineage ") && !plain[0].hasSuffix(" NX"))
    let refused = reply(
      [
        .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x61]), .integer(1), list]),
      ], on: .command)
    let refusal = FeedRefusal(request: "SET emojitrack_relay_lineage", message: "NOPERM x")
    #expect(refused == [.changeState(.unanchored(.refused(refusal)))])
    let again = words(advance(.seconds(5)))
    #expect(again[0] == "command: EVAL return 1 1 emojitrack_relay_lineage")
    #expect(again[1].hasSuffix(" NX") == false)
    // Another hub renamed the lineage.
    let nonce = try #require(again[4].split(separator: " ").last)
    _ = message("stream.relay_fence", String(nonce))
    let adopted = reply(
      [
        .text([]), .failure("NOPERM x"), .status("OK"), queued, queued, queued,
        .list([.text([0x62]), .integer(1), list]),
      ], on: .command)
    #expect(adopted.first == .notify(.granted(.script)) && adopted.last == .changeState(.anchored))
    let routine = advance(.seconds(30))
    #expect(words(routine)[0].hasSuffix(" NX"))
  }
}
