import Primitives
import Testing
import Wire

@testable import HubCore

@Suite("Fence")
struct FenceTests {
  private var fence = Fence(names: FeedNames())
  private let nonce = Array("n1".utf8)
  private let id: ScoreID
  private let other: ScoreID
  private let lineage: Lineage

  init() throws {
    id = try ScoreID("1F600")
    other = try ScoreID("2665")
    lineage = try #require(Lineage("abc"))
    _ = fence.begin(nonce: "n1", lineage: lineage)
  }

  private func text(_ text: String) -> FeedReply { .text(Array(text.utf8)) }

  private func exec(_ members: [String], lineage: FeedReply? = nil) -> FeedReply {
    .list([lineage ?? text("abc"), .integer(1), .list(members.map { text($0) })])
  }

  /// Passes all replies; those before the last one must have no outcome.
  private mutating func answer(
    _ last: FeedReply, set: FeedReply = .text(nil),
    queued: [FeedReply] = Array(repeating: .status("QUEUED"), count: 3)
  ) -> Fence.Outcome? {
    for reply in [set, .status("OK")] + queued {
      let outcome = fence.replyReceived(reply)
      #expect(outcome == nil)
    }
    return fence.replyReceived(last)
  }

  private func totals(_ expected: [(ScoreID, UInt64)]) -> [ScoreTotal] {
    expected.map { ScoreTotal(id: $0.0, total: $0.1) }
  }

  @Test("A fence asks for everything in one transaction")
  func commands() {
    var fence = Fence(names: FeedNames())
    let commands = fence.begin(nonce: "n", lineage: lineage).map {
      $0.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    #expect(
      commands == [
        "SET emojitrack_relay_lineage abc NX", "MULTI", "GET emojitrack_relay_lineage",
        "PUBLISH stream.relay_fence n",
        "ZRANGE emojitrack_score 0 -1 WITHSCORES", "EXEC",
      ])
    #expect(commands.count == Fence.replyCount)
  }

  @Test("A history is renamed only if no other hub has done so")
  func renaming() throws {
    var fence = Fence(names: FeedNames())
    let left = try #require(Lineage("old"))
    let command = fence.begin(nonce: "n", lineage: lineage, leaving: left)[0].arguments
    #expect(
      command.map { String(decoding: $0, as: UTF8.self) }
        == ["EVAL", Fence.renaming, "1", "emojitrack_relay_lineage", "old", "abc"])
    let plain = fence.begin(nonce: "n", lineage: lineage, leaving: left, isPlain: true)[0]
    #expect(plain == FeedCommand("SET", "emojitrack_relay_lineage", "abc"))
  }

  @Test(
    "If Redis runs no script, that is reported; a name that another hub has given is accepted nevertheless")
  mutating func noScript() throws {
    let refused = FeedReply.failure("ERR unknown command 'EVAL'")
    _ = fence.begin(nonce: "n1", lineage: try #require(Lineage("new")), leaving: lineage)
    let outcome = answer(exec(["1F600", "7"]), set: refused)
    #expect(
      outcome
        == .refusedScript(
          FeedRefusal(request: "EVAL emojitrack_relay_lineage", message: "ERR unknown command 'EVAL'")))
    _ = fence.begin(nonce: "n1", lineage: try #require(Lineage("new")), leaving: lineage)
    _ = fence.nonceReceived(nonce)
    let renamed = answer(exec(["1F600", "7"], lineage: text("another")), set: refused)
    guard case .totals(let totals)? = renamed else {
      Issue.record("\(String(describing: renamed))")
      return
    }
    #expect(totals.lineage == Lineage("another"))
  }

  @Test("The totals are held back until the nonce arrives")
  mutating func replyFirst() throws {
    fence.incremented(id)
    let outcome = answer(exec(["1F600", "7"]))
    #expect(outcome == nil)
    fence.incremented(id)
    let other = fence.nonceReceived(Array("another hub's".utf8))
    #expect(other == nil)
    let received = fence.nonceReceived(nonce)
    let result = try #require(received)
    #expect(result.totals == totals([(id, 7)]))
    #expect(result.lineage == lineage)
    #expect(!fence.isUnderWay)
  }

  @Test("Increments behind the nonce are added")
  mutating func nonceFirst() throws {
    fence.incremented(id)
    let early = fence.nonceReceived(nonce)
    #expect(early == nil)
    fence.incremented(id)
    fence.incremented(other)
    fence.incremented(id)
    let outcome = answer(exec(["1F600", "7"]))
    guard case .totals(let result) = outcome else {
      Issue.record("no totals: \(String(describing: outcome))")
      return
    }
    #expect(result.totals == totals([(id, 9), (other, 1)]))
    #expect(!fence.isUnderWay)
  }

  @Test("Values that are not totals are rejected, counted and named")
  mutating func rejectedTotals() throws {
    _ = fence.nonceReceived(nonce)
    fence.incremented(id)
    let long = String(repeating: "x", count: 65)
    let outcome = answer(
      exec([
        "1F600", "1.5", "", "1", long, "1", "a\nb", "1", "A", "9007199254740992", "B", "9007199254740993",
        "C", "-1",
        "D", "1e+20", "E", "inf", "F", "0", "G", "", "H", "-0", "I", "1000000000000000000", "J", "-inf",
      ]))
    guard case .totals(let result) = outcome else {
      Issue.record("no totals: \(String(describing: outcome))")
      return
    }
    let kept: [(String, UInt64)] = [("A", 1 << 53), ("B", 1 << 53 + 1), ("F", 0), ("H", 0)]
    #expect(result.totals == totals(try kept.map { (try ScoreID($0.0), $0.1) }))
    let unreadable = result.unreadable.map { ("\($0.key)", $0.value) }.sorted { $0.0 < $1.0 }
    #expect(unreadable.map(\.0) == ["1F600", "C", "D", "E", "G", "I", "J"])
    #expect(
      unreadable.map(\.1) == [
        .totalInvalid, .totalNegative, .totalTooLarge, .totalInvalid, .totalInvalid, .totalTooLarge,
        .totalNegative,
      ])
    #expect(
      result.rejected.mapValues(\.count) == [
        .totalInvalid: 3, .totalNegative: 2, .totalTooLarge: 4, .idEmpty: 1, .idTooLong: 1,
        .idControlCharacter: 1,
      ])
    #expect(result.rejected[.totalNegative]?.example == Array("C".utf8))
    #expect(result.rejected[.idTooLong]?.example.count == ScoreID.maximumCount)
  }

  @Test(
    "A missing sorted set counts as an empty history, and is reported as missing")
  mutating func missing() {
    _ = fence.nonceReceived(nonce)
    guard case .totals(let result) = answer(exec([])) else {
      Issue.record("no totals")
      return
    }
    #expect(result.totals.isEmpty && result.isSetAbsent)
    #expect(!fence.isUnderWay)
  }

  @Test(
    "A missing right is named",
    arguments: [
      (0, "GET emojitrack_relay_lineage"), (1, "PUBLISH stream.relay_fence"), (2, "ZRANGE emojitrack_score"),
    ])
  mutating func missingRights(index: Int, request: String) {
    var queued = Array(repeating: FeedReply.status("QUEUED"), count: 3)
    queued[index] = .failure("NOPERM x")
    let outcome = answer(.failure("EXECABORT Transaction discarded"), queued: queued)
    let refusal = FeedRefusal(request: request, message: "NOPERM x")
    #expect(outcome == .unanchored(.refused(refusal)))
    #expect(refusal.isMissingRight)
  }

  @Test("The right to SET is needed only while there is no lineage")
  mutating func missingSetRight() {
    var second = self
    let refusal = FeedReply.failure("NOPERM x")
    let outcome = answer(exec(["A", "1"], lineage: .text(nil)), set: refusal)
    #expect(
      outcome
        == .unanchored(.refused(FeedRefusal(request: "SET emojitrack_relay_lineage", message: "NOPERM x"))))
    _ = second.fence.nonceReceived(nonce)
    guard case .totals = second.answer(exec(["A", "1"]), set: refusal) else {
      Issue.record("no totals")
      return
    }
  }

  @Test("A malformed lineage is refused", arguments: [nil, "", "a b"])
  mutating func invalidLineage(name: String?) {
    let outcome = answer(exec(["A", "1"], lineage: name.map { text($0) } ?? .text(nil)))
    #expect(outcome == .unanchored(.lineageInvalid(key: "emojitrack_relay_lineage")))
  }

  @Test("A key of another type is named")
  mutating func wrongType() {
    let message = "WRONGTYPE Operation against a key"
    let outcome = answer(.list([text("abc"), .integer(1), .failure(message)]))
    #expect(
      outcome == .unanchored(.refused(FeedRefusal(request: "ZRANGE emojitrack_score", message: message))))
  }

  @Test("While Redis loads its data the fence is interrupted, and not unanchored")
  mutating func loading() {
    let outcome = answer(
      .failure("EXECABORT"),
      queued: [.failure("LOADING Redis is loading"), .status("QUEUED"), .status("QUEUED")])
    guard case .interrupted(.refused) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
  }

  @Test(
    "A reply of another form interrupts the fence",
    arguments: [
      .status("OK"), .list(nil), .list([]), .list([.text(nil), .integer(1), .integer(1)]),
      .list([.text(Array("abc".utf8)), .integer(1), .list([.text([])])]),
      .list([.text(Array("abc".utf8)), .integer(1), .list([.text([]), .integer(1)])]),
    ] as [FeedReply])
  mutating func unexpected(reply: FeedReply) {
    guard case .interrupted(.unexpectedReply) = answer(reply) else {
      Issue.record("not interrupted")
      return
    }
    #expect(!fence.isUnderWay)
  }

  @Test("The fence gives up above its limit of ids")
  mutating func overflow() throws {
    _ = fence.nonceReceived(nonce)
    for number in 0...Fence.maximumIDCount { fence.incremented(try ScoreID("\(number)")) }
    let outcome = answer(exec(["A", "1"]))
    #expect(outcome == .unanchored(.tooManyIDs))
  }

  @Test("The fence counts ids up to its limit")
  mutating func noOverflow() throws {
    _ = fence.nonceReceived(nonce)
    for number in 0..<Fence.maximumIDCount { fence.incremented(try ScoreID("\(number)")) }
    guard case .totals(let result) = answer(exec(["A", "1"])) else {
      Issue.record("no totals")
      return
    }
    #expect(result.totals.count == Fence.maximumIDCount + 1)
  }
}
