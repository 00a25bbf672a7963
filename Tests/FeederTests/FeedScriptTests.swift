import Foundation
import Testing

@testable import Feeder

@Suite("FeedScript")
struct FeedScriptTests {
  private func words(_ batch: [(String, String)], _ form: FeedScript.Form) -> [String] {
    let items = batch.map { FeedItem(id: Array($0.0.utf8), json: Array($0.1.utf8)) }
    return FeedScript().command(for: items, form: form).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("names every key that it touches, then its channels, then the tweets")
  func command() {
    #expect(
      words([("A", "{}"), ("B", "[]")], .digest) == [
        "EVALSHA", FeedScript.digest, "3", "emojitrack_score", "emojitrack_tweets_A", "emojitrack_tweets_B",
        "stream.score_updates", "stream.tweet_updates.", "A", "{}", "B", "[]",
      ])
  }

  @Test("is the one in Examples/feeder, except for comments")
  func example() throws {
    let package = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = package.appending(path: "Examples/feeder/feed.lua")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.drop { $0.hasPrefix("--") }.joined(separator: "\n") == FeedScript.source)
  }

  @Test("sends its source in place of its digest")
  func source() {
    let source = words([("A", "{}")], .source)
    #expect(source.prefix(2) == ["EVAL", FeedScript.source])
    #expect(source.dropFirst(2) == words([("A", "{}")], .digest).dropFirst(2))
  }
}
