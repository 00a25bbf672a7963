import EdgeCore
import Primitives
import Testing
import Wire

struct TweetRepairTests {
  private let topic: TopicID
  private var repair = TweetRepair()

  init() throws { topic = try #require(TopicID("1F602")) }

  private func event(_ text: String) throws -> TopicEvent {
    try TopicEvent(stamp: .origin, source: .details(topic), payload: Array(text.utf8))
  }

  private func texts(_ events: [TopicEvent]) -> [String] {
    events.map { String(decoding: $0.payload, as: UTF8.self) }
  }

  private func payloads(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private mutating func pass(_ names: [String]) throws -> [String] {
    var result: [String] = []
    for name in names { result += texts(repair.eventCame(try event(name))) }
    return result
  }

  @Test("what was missed goes on in order behind what went on last, each tweet once")
  mutating func missed() throws {
    #expect(try pass(["a", "b"]) == ["a", "b"])
    repair.outageBegan()
    #expect(repair.outageEnded(topics: [topic]).isEmpty)
    #expect(repair.takeQuestions() == [topic])
    let missed = repair.answered(topic, payloads(["x", "a", "b", "c", "d"]))
    #expect(texts(missed) == ["c", "d"])
    #expect(try pass(["e"]) == ["e"])
    repair.outageBegan()
    _ = repair.outageEnded(topics: [topic])
    #expect(repair.takeQuestions() == [topic])
    let again = repair.answered(topic, payloads(["b", "c", "d", "e"]))
    #expect(again.isEmpty, "what was repaired is remembered too")
  }

  @Test("what a client began with counts as told")
  mutating func list() throws {
    #expect(try pass(["c"]) == ["c"])
    repair.listTold(payloads(["a", "b", "c"]), of: topic)
    repair.outageBegan()
    _ = repair.outageEnded(topics: [topic])
    #expect(repair.takeQuestions() == [topic])
    let missed = repair.answered(topic, payloads(["b", "c", "d"]))
    #expect(texts(missed) == ["d"])
    repair.outageBegan()
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let none = repair.answered(topic, payloads(["a", "b"]))
    #expect(none.isEmpty, "Redis was set back to what was told")
  }

  private func place(_ lineage: String, _ position: Position) throws -> ResumeToken {
    ResumeToken(lineage: try #require(Lineage(lineage)), position: position)
  }

  /// An outage that ends with this list.
  private mutating func outage(from stood: ResumeToken? = nil, _ list: [String], at place: ResumeToken? = nil)
    -> [String]
  {
    repair.outageBegan(at: stood)
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    return texts(repair.answered(topic, payloads(list), at: place))
  }

  @Test("what a list told does not go on when another hub brings its copy, and then the stamps tell copies")
  mutating func copiesOfList() throws {
    _ = try pass(["a"])
    #expect(outage(["a", "b", "c"]) == ["b", "c"])
    #expect(try pass(["b", "c", "d"]) == ["d"])
    #expect(try pass(["b"]) == ["b"], "once is enough: a feeder may say the same again")
  }

  @Test("what went on in a lineage that was left does not go on again, whatever is new in between")
  mutating func copiesOfLineage() throws {
    _ = try pass(["a", "b", "c"])
    repair.snapshotCame(at: try place("x", 5), behind: try place("l", 9))
    #expect(try pass(["z", "b", "c", "d"]) == ["z", "d"])
    #expect(try pass(["d"]) == ["d"])
  }

  @Test("a snapshot of the lineage that is known, at a later place, begins no history")
  mutating func sameHistory() throws {
    _ = try pass(["a"])
    repair.snapshotCame(at: try place("l", 9), behind: try place("l", 9))
    repair.snapshotCame(at: try place("l", 1), behind: nil)
    #expect(try pass(["a"]) == ["a"])
  }

  @Test("a snapshot of a hub that is a little behind makes nothing a copy: feeders may say the same again")
  mutating func hubBehind() throws {
    _ = try pass(["a", "a"])
    repair.snapshotCame(at: try place("l", 8), behind: try place("l", 9))
    #expect(try pass(["a", "a", "a"]) == ["a", "a", "a"])
    repair.snapshotCame(at: try place("l", 8), behind: try place("l", 9))
    #expect(outage((1...10).map { "t\($0)" }) == [], "but a list may be of the past")
  }

  @Test("behind the beginning of a lineage, a list tells only what follows the last tweet that went on")
  mutating func listOfPast() throws {
    let told = (1...40).map { "t\($0)" }
    _ = try pass(told)
    repair.snapshotCame(at: try place("x", 5), behind: try place("l", 90))
    #expect(outage(Array(told[5..<15])) == [], "Redis was set back")
    #expect(outage(Array(told[6..<15]) + ["n1"]) == ["n1"], "it goes on from there")

    _ = try pass(["u1"])
    repair.snapshotCame(at: try place("y", 5), behind: try place("x", 90))
    #expect(outage(["n1", "late", "m1"]) == [], "what follows an earlier one may be older than what went on")
    _ = try pass(["u2"])
    #expect(outage((1...10).map { "f\($0)" }).count == 10, "something has gone on in this history")
  }

  @Test("what was held back when a lineage began goes on, and belongs to the one before")
  mutating func heldThroughLineage() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["b"])
    repair.snapshotCame(at: try place("x", 5), behind: try place("l", 9))
    #expect(texts(repair.outageEnded(topics: [])) == ["b"])
    #expect(outage((1...10).map { "old\($0)" }) == [])
  }

  @Test("a list of a hub that stands before the place where the edge stood may be of the past")
  mutating func listOfHubBehind() throws {
    let list = (1...10).map { "t\($0)" }
    for place in [try place("l", 89), try place("x", 95)] {
      _ = try pass(["new at \(place)"])
      #expect(outage(from: try self.place("l", 90), list, at: place) == [])
    }
    _ = try pass(["newer"])
    let full = (1...10).map { "m\($0)" }
    #expect(outage(from: try place("l", 90), full, at: try place("l", 90)) == full)
  }

  @Test("a list that is not full, and holds nothing that is remembered, is of the past: more was not missed")
  mutating func shortList() throws {
    _ = try pass(["c", "d"])
    #expect(outage(["a", "b"]) == [])
  }

  @Test("where clients were told what no hub holds, what the list has behind older tweets is of the past")
  mutating func doubtedHistory() throws {
    _ = try pass(["a", "z"])
    repair.historyDoubted()
    #expect(outage(["a", "missed"]) == [], "z came later")
  }

  @Test("what was held back has its place in the list, also where the list goes on behind it")
  mutating func heldBeforeMissed() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["b", "e"])
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let answered = repair.answered(topic, payloads(["a", "b", "c", "d", "e"]))
    #expect(texts(answered) == ["b", "c", "d", "e"])
  }

  @Test("what was held back and is not in a list of further tweets only was pushed out of it")
  mutating func heldBeforeList() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["b", "c"])
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let list = (1...10).map { "m\($0)" }
    let answered = repair.answered(topic, payloads(list))
    #expect(texts(answered) == ["b", "c"] + list)
  }

  @Test("what comes while the answer is awaited goes on behind what was missed, and is not repeated")
  mutating func heldBack() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    #expect(try pass(["d"]) == [], "the outage is not known to be over")
    _ = repair.outageEnded(topics: [topic])
    #expect(try pass(["e"]) == [])
    _ = repair.takeQuestions()
    let answered = repair.answered(topic, payloads(["a", "b", "c", "d", "e"]))
    #expect(texts(answered) == ["a", "b", "c", "d", "e"].suffix(4))
    #expect(try pass(["f"]) == ["f"])
  }

  @Test("of more than an answer holds, all that it holds goes on, and what was held back as well")
  mutating func many() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let held = (1...12).map { "h\($0)" }
    #expect(try pass(held) == [])
    let answered = repair.answered(topic, payloads(Array(held.suffix(10))))
    #expect(texts(answered) == held)

    repair.outageBegan()
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let unknown = (1...10).map { "m\($0)" }
    let missed = repair.answered(topic, payloads(unknown))
    #expect(texts(missed) == unknown)
  }

  @Test("where nobody can tell, what was held back goes on")
  mutating func unanswered() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["c"])
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    #expect(texts(repair.answered(topic, nil)) == ["c"])
  }

  @Test("a topic without clients is not asked for, and one that had no tweets has nothing to compare with")
  mutating func notAsked() throws {
    repair.outageBegan()
    #expect(try pass(["a"]) == ["a"])
    #expect(try pass(["b"]) == [])
    let released = repair.outageEnded(topics: [])
    #expect(texts(released) == ["b"])
    #expect(repair.takeQuestions() == [])
    let other = try #require(TopicID("2665"))
    repair.outageBegan()
    _ = repair.outageEnded(topics: [other])
    #expect(repair.takeQuestions() == [])
  }

  @Test("so many questions are asked at a time, and the others follow")
  mutating func limit() throws {
    let topics = try (0..<100).map { try #require(TopicID("T\($0)")) }
    for topic in topics {
      _ = repair.eventCame(try TopicEvent(stamp: .origin, source: .details(topic), payload: [0x61]))
    }
    repair.outageBegan()
    _ = repair.outageEnded(topics: topics)
    let first = repair.takeQuestions()
    #expect(first.count == TweetRepair.questionsMaximum)
    #expect(repair.takeQuestions() == [])
    for topic in first { _ = repair.answered(topic, nil) }
    #expect(Set(first + repair.takeQuestions()) == Set(topics))
  }

  @Test("what is held back has a limit, beyond which it goes on unrepaired")
  mutating func memory() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    let payload = [UInt8](repeating: 0x62, count: 65_536)
    var passed = 0
    for _ in 0..<200 {
      passed +=
        repair.eventCame(
          try TopicEvent(stamp: .origin, source: .details(topic), payload: payload)
        ).count
    }
    #expect(passed == 200)
  }
}
