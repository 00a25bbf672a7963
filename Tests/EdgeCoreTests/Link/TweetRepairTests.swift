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

  @Test("Missed tweets are passed on in order behind the last one, each once")
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

  @Test("The tweets that a client began with count as sent")
  mutating func list() throws {
    #expect(try pass(["c"]) == ["c"])
    repair.listReceived(payloads(["a", "b", "c"]), of: topic)
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

  @Test("Tweets from a list are not repeated by another hub's copies, and then stamps identify copies")
  mutating func copiesOfList() throws {
    _ = try pass(["a"])
    #expect(outage(["a", "b", "c"]) == ["b", "c"])
    #expect(try pass(["b", "c", "d"]) == ["d"])
    #expect(try pass(["b"]) == ["b"], "once is enough: a feeder may say the same again")
  }

  @Test("Tweets from a lineage that was left are not repeated, whatever is new in between")
  mutating func copiesOfLineage() throws {
    _ = try pass(["a", "b", "c"])
    repair.snapshotCame(at: try place("x", 5), behind: try place("l", 9))
    #expect(try pass(["z", "b", "c", "d"]) == ["z", "d"])
    #expect(try pass(["d"]) == ["d"])
  }

  @Test("A snapshot of the known lineage, at a later place, begins no history")
  mutating func sameHistory() throws {
    _ = try pass(["a"])
    repair.snapshotCame(at: try place("l", 9), behind: try place("l", 9))
    repair.snapshotCame(at: try place("l", 1), behind: nil)
    #expect(try pass(["a"]) == ["a"])
  }

  @Test("A snapshot of a hub that is a little behind makes no tweet a copy: feeders may repeat themselves")
  mutating func hubBehind() throws {
    _ = try pass(["a", "a"])
    repair.snapshotCame(at: try place("l", 8), behind: try place("l", 9))
    #expect(try pass(["a", "a", "a"]) == ["a", "a", "a"])
    repair.snapshotCame(at: try place("l", 8), behind: try place("l", 9))
    #expect(outage((1...10).map { "t\($0)" }) == [], "but a list may be of the past")
  }

  @Test("After the beginning of a lineage, only tweets behind the last one passed on are taken from a list")
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

  @Test("Tweets held back when a lineage began are passed on, and belong to the one before")
  mutating func heldThroughLineage() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["b"])
    repair.snapshotCame(at: try place("x", 5), behind: try place("l", 9))
    #expect(texts(repair.outageEnded(topics: [])) == ["b"])
    #expect(outage((1...10).map { "old\($0)" }) == [])
  }

  @Test("A list of a hub that is behind the edge's place may be outdated")
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

  @Test("A short list without any remembered tweet is outdated, because no more tweets were missed")
  mutating func shortList() throws {
    _ = try pass(["c", "d"])
    #expect(outage(["a", "b"]) == [])
  }

  @Test("If clients had been sent excess, the list's tweets behind older ones are outdated")
  mutating func doubtedHistory() throws {
    _ = try pass(["a", "z"])
    repair.historyDoubted()
    #expect(outage(["a", "missed"]) == [], "z came later")
  }

  @Test("Tweets that were held back have their place in the list, also if the list continues behind them")
  mutating func heldBeforeMissed() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["b", "e"])
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    let answered = repair.answered(topic, payloads(["a", "b", "c", "d", "e"]))
    #expect(texts(answered) == ["b", "c", "d", "e"])
  }

  @Test("A held tweet that is missing from a list of newer tweets only was pushed out of it")
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

  @Test("Tweets that arrive during the query follow the missed ones, and are not repeated")
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

  @Test("If more was missed than an answer holds, all of the answer is passed on, and the held tweets too")
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

  @Test("If no hub can answer, held tweets are passed on")
  mutating func unanswered() throws {
    _ = try pass(["a"])
    repair.outageBegan()
    _ = try pass(["c"])
    _ = repair.outageEnded(topics: [topic])
    _ = repair.takeQuestions()
    #expect(texts(repair.answered(topic, nil)) == ["c"])
  }

  @Test("A topic without clients is not queried, and one without earlier tweets cannot be compared")
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

  @Test("The number of queries at a time is limited, and the others follow")
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

  @Test("The number of held tweets is limited, beyond which they are passed on without a repair")
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
