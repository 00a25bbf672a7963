import Testing
import Wire

@testable import EdgeCore

struct WatchedTopicsTests {
  private func merged(_ kept: [String], _ list: [String]) throws -> [String] {
    var topics = WatchedTopics()
    let topic = try #require(TopicID("A".utf8))
    topics.received(Array("before".utf8), of: topic)
    topics.watch(topic)
    for tweet in kept { topics.received(Array(tweet.utf8), of: topic) }
    return topics.end(topic, list: list.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("A tweet that was delivered meanwhile and is in the list appears once")
  func known() throws {
    #expect(try merged([], ["a", "b"]) == ["a", "b"])
    #expect(try merged(["b"], ["a", "b"]) == ["a", "b"])
    #expect(try merged(["a", "b", "c"], ["b", "c"]) == ["b", "c"])
    #expect(try merged(["x"], ["x", "x", "x"]) == ["x", "x", "x"])
    #expect(try merged(["b", "d"], ["a", "b", "c", "d"]) == ["a", "b", "c", "d"], "c was missed")
    #expect(try merged(["a", "d", "e"], ["b", "c", "d"]) == ["b", "c", "d", "e"], "a was pushed out")
  }

  @Test("A tweet that was delivered and is not in the list yet comes behind it")
  func ahead() throws {
    #expect(try merged(["b", "c"], ["a", "b"]) == ["a", "b", "c"])
    #expect(try merged(["c"], ["a", "b"]) == ["a", "b", "c"])
    #expect(try merged(["a"], []) == ["a"])
  }
}
