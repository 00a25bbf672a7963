import Foundation
import TestSupport
import Testing

@testable import Feeder

@Suite("SyntheticTweet")
struct SyntheticTweetTests {
  @Test("is JSON on one line, with all fields, and holds its emoji")
  func json() throws {
    var random = SeededGenerator(seed: 5)
    var tweets = SyntheticTweet(firstNumber: 100)
    for (index, emoji) in EmojiCatalog.all.enumerated() {
      let json = tweets.next(holding: emoji, second: 1_372_960_800, using: &random)
      #expect(json.allSatisfy { $0 >= 0x20 })
      #expect(json.count < 2048)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
      #expect(
        Set(object.keys)
          == ["id", "text", "screen_name", "name", "profile_image_url", "links", "created_at"])
      #expect(object["id"] as? String == "\(100 + index)")
      #expect(object["created_at"] as? String == "2013-07-04T18:00:00Z")
      let text = try #require(object["text"] as? String)
      let pattern = Array(emoji.text.unicodeScalars)
      #expect(Array(text.unicodeScalars).firstRange(of: pattern) != nil, "\(emoji.id) in \(text)")
    }
  }

  @Test("contains text that breaks careless code")
  func hostile() throws {
    var random = SeededGenerator(seed: 6)
    var tweets = SyntheticTweet(firstNumber: 1)
    let emoji = try #require(EmojiCatalog.all.first)
    let all = (0..<500).map { _ in tweets.next(holding: emoji, second: 0, using: &random) }
      .map { String(decoding: $0, as: UTF8.self) }.joined()
    for piece in [#"\""#, #"\\"#, #"\n"#, #"\r\n"#, #"\u0000"#, "</script>", "مرحبا", "おはよう", "\u{2028}"] {
      #expect(all.contains(piece), "\(piece)")
    }
  }

  @Test(
    "writes moments as ISO 8601",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
      (951_782_400, "2000-02-29T00:00:00Z"),
      (4_107_542_400, "2100-03-01T00:00:00Z"), (1_704_067_199, "2023-12-31T23:59:59Z"),
      (-1, "1969-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func timestamps(second: Int64, text: String) {
    #expect(SyntheticTweet.timestamp(second) == text)
  }

  @Test("follows the time")
  func time() throws {
    var random = SeededGenerator(seed: 6)
    var tweets = SyntheticTweet(firstNumber: 1)
    let emoji = try #require(EmojiCatalog.all.first)
    for second in [0, 1, 1, 59] as [Int64] {
      let json = String(decoding: tweets.next(holding: emoji, second: second, using: &random), as: UTF8.self)
      #expect(json.contains(SyntheticTweet.timestamp(second)))
    }
  }
}
