import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

extension FeedMachineTests {
  /// Waits, and connects again; returns the actions that the last reply caused.
  private mutating func reconnect() throws -> [FeedMachine.Action] {
    now = try #require(machine.deadline)
    #expect(machine.timerTriggered(now: now, using: &random) == [.connect])
    _ = machine.connectionEstablished(.subscription, now: now)
    _ = machine.connectionEstablished(.command, now: now)
    _ = reply([Self.master, .status("OK"), .list([]), .list([]), .list([])], on: .subscription)
    return reply([Self.master, .status("OK")], on: .command)
  }

  @Test("No request outlives an interruption")
  mutating func interruptedSession() throws {
    try goLive()
    let sent = words(
      machine.fenceJudged(.renameLineage(try #require(Lineage("a"))), now: now, using: &random))
    #expect(sent.first?.contains("EVAL") == true)
    machine.fenceSoon(now: now)
    _ = machine.listTweets(of: [try #require(TopicID("A"))], now: now, using: &random)
    #expect(machine.session?.lineageToLeave != nil && machine.session?.isFenceWanted == true)
    #expect(machine.session?.tweetsDeadline != nil)

    _ = machine.connectionClosed(.command, reason: "lost", now: now, using: &random)
    #expect(machine.session == nil)
    let again = try reconnect()
    #expect(words(again).first?.hasSuffix(" NX") == true, "the name is no longer to be left")
    #expect(machine.session?.isFenceWanted == false && machine.session?.tweetsDeadline == nil)
    _ = try answerFence(again, totals: ["A", "1"])
    #expect(machine.status == .anchored)
  }

  @Test("Refusals are known after an interruption, and retried at once")
  mutating func refusedBefore() throws {
    _ = machine.start(now: now)
    _ = machine.connectionEstablished(.subscription, now: now)
    let refusal = FeedReply.failure("NOPERM no")
    _ = reply([Self.master, .status("OK"), .list([]), refusal], on: .subscription)
    #expect(machine.refusal(of: .tweets) != nil)
    _ = machine.connectionClosed(.subscription, reason: "lost", now: now, using: &random)
    #expect(machine.refusals[.tweets] != nil)
    #expect(machine.refusal(of: .tweets) == nil)
  }

  @Test("Replies and messages of lost connections change nothing")
  mutating func lateReplies() throws {
    try goLive()
    _ = machine.connectionClosed(.command, reason: "lost", now: now, using: &random)
    let deadline = machine.deadline
    #expect(reply(.status("OK"), on: .command) == [])
    _ = message("stream.relay_fence", "again:1")
    #expect(machine.deadline == deadline && machine.session == nil)
  }
}
