import EdgeCore
import Primitives
import Testing
import Wire

struct UpdateRendererTests {
  private func text(_ updates: [StreamUpdate], _ key: StreamKind) -> [String] {
    updates.filter { $0.kind == key }.map { String(decoding: $0.entry.bytes, as: UTF8.self) }
  }

  @Test("All frames of a turn become one eps event and one raw entry")
  func merges() throws {
    let lineage = try #require(Lineage("abc"))
    var renderer = UpdateRenderer()
    renderer.take(.snapshot(Snapshot(lineage: lineage, position: 0, isLast: true, entries: [])))
    for total in UInt64(1)...3 {
      let entry = ScoreTotal(id: try id("1F602"), total: total)
      renderer.take(.scores(Scores(position: total, hubStampMicroseconds: 0, entries: [entry])))
      renderer.take(.raw(RawBatch(firstPosition: total, ids: [try id("1F602")])))
    }
    let updates = renderer.takeUpdates()
    #expect(text(updates, .eps(.full)) == ["data:{\"1F602\":3}\n\n"])
    #expect(text(updates, .raw) == ["data:1F602\n\ndata:1F602\n\ndata:1F602\n\n"])
    #expect(updates.first { $0.kind == .raw }?.entry.eventCount == 3)
    #expect(renderer.takeUpdates().isEmpty)
  }

  @Test("A tweet goes to its own topic and to all details, with its channel as the event's name")
  func tweets() throws {
    var renderer = UpdateRenderer()
    let topic = try #require(TopicID("1F1EF-1F1F5"))
    let event = try TopicEvent(
      stamp: TopicStamp(position: 1, ordinal: 0), source: .details(topic), payload: Array("{\"a\":\n1}".utf8))
    renderer.take(.topicEvent(event))
    let updates = renderer.takeUpdates()
    let expected = "event:stream.tweet_updates.1F1EF-1F1F5\ndata:{\"a\":\ndata:1}\n\n"
    #expect(text(updates, .details(topic)) == [expected])
    #expect(text(updates, .allDetails) == [expected])
  }

  @Test("Events that the hub skipped are counted")
  func gaps() {
    var renderer = UpdateRenderer()
    renderer.take(.gap(Gap(skippedRaw: 3, skippedTopicEvents: 4)))
    #expect(renderer.gapsReceived == 1 && renderer.skippedByHub == 7)
    #expect(renderer.takeUpdates().isEmpty)
  }

  @Test("A hub that claims to have skipped any number of events does no harm")
  func greatestGaps() {
    var renderer = UpdateRenderer()
    for _ in 0..<2 { renderer.take(.gap(Gap(skippedRaw: .max, skippedTopicEvents: .max))) }
    #expect(renderer.gapsReceived == 2 && renderer.skippedByHub == .max)
  }
}
