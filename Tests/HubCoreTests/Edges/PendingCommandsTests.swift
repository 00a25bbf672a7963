import HubCore
import Primitives
import Testing
import Wire

@Suite struct PendingCommandsTests {
  private var pending = PendingCommands<String>()

  private func result(_ id: UInt64) -> CommandResult { CommandResult(id: id, outcome: .done) }

  @Test("An answer goes to the caller, once, and only if it comes over the same link")
  mutating func answers() {
    let first = pending.sent(over: 1, ticket: "a", now: .origin)
    let second = pending.sent(over: 2, ticket: "b", now: .origin)
    #expect(first != second)
    let stranger = pending.answered(result(first), over: 2)
    #expect(stranger == nil)
    let answer = pending.answered(result(first), over: 1)
    #expect(answer == "a")
    let again = pending.answered(result(first), over: 1)
    #expect(again == nil)
    let other = pending.answered(result(second), over: 2)
    #expect(other == "b")
    #expect(pending.deadline == nil)
  }

  @Test("A caller that waits too long is told, in the order of the commands")
  mutating func timeout() {
    let id = pending.sent(over: 1, ticket: "a", now: seconds(1))
    _ = pending.sent(over: 1, ticket: "b", now: seconds(1))
    _ = pending.sent(over: 1, ticket: "c", now: seconds(3))
    #expect(pending.deadline == seconds(6))
    let early = pending.timerTriggered(now: seconds(5.9))
    #expect(early.isEmpty)
    let late = pending.timerTriggered(now: seconds(6))
    #expect(late == ["a", "b"])
    #expect(pending.deadline == seconds(8))
    let answer = pending.answered(result(id), over: 1)
    #expect(answer == nil)
  }

  @Test("When a link ends, the callers that wait for its answers are told")
  mutating func linkEnd() {
    _ = pending.sent(over: 1, ticket: "a", now: .origin)
    _ = pending.sent(over: 2, ticket: "b", now: .origin)
    _ = pending.sent(over: 1, ticket: "c", now: .origin)
    let ended = pending.linkEnded(1)
    #expect(ended == ["a", "c"])
    let again = pending.linkEnded(1)
    #expect(again.isEmpty)
  }
}
