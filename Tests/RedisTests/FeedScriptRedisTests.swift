import Redis
import TestSupport
import Testing

@testable import Feeder

@Suite("FeedScript in a real Redis")
struct FeedScriptRedisTests {
  private let server: RedisProcess
  private let connection: BlockingConnection
  private let script = FeedScript()

  init() throws {
    server = try RedisProcess()
    connection = try server.connect()
  }

  private func item(_ id: String, _ json: String) -> FeedItem {
    FeedItem(id: Array(id.utf8), json: Array(json.utf8))
  }

  private func text(_ values: String...) -> RESPValue { .array(values.map { .text($0) }) }

  @Test("is known by its digest once its source was sent")
  func digest() throws {
    let batch = [item("1F602", "{}")]
    let unknown = try connection.call(script.command(for: batch, form: .digest))
    guard case .error(let message) = unknown else {
      Issue.record("\(unknown)")
      return
    }
    #expect(message.hasPrefix("NOSCRIPT"))
    #expect(try connection.call("EXISTS", "emojitrack_score") == .integer(0))
    #expect(try connection.call(script.command(for: batch, form: .source)) == .integer(1))
    #expect(try connection.call(script.command(for: batch, form: .digest)) == .integer(1))
    #expect(try connection.call("SCRIPT", "LOAD", FeedScript.source) == .text(FeedScript.digest))
  }

  @Test("counts, stores and publishes each tweet, in order")
  func effects() throws {
    let subscriber = try server.connect()
    _ = try subscriber.call("SUBSCRIBE", "stream.score_updates")
    _ = try subscriber.call("PSUBSCRIBE", "stream.tweet_updates.*")
    let json = #"{"text":"a \"quoted\" \\ 😂"}"#
    let batch = [item("1F602", json), item("2665", "{}"), item("1F602", "[1]")]
    #expect(try connection.call(script.command(for: batch, form: .source)) == .integer(3))
    for item in batch {
      let channel = Array("stream.tweet_updates.".utf8) + item.id
      #expect(
        try subscriber.receive().publishedMessage
          == PublishedMessage(channel: Array("stream.score_updates".utf8), payload: item.id))
      #expect(
        try subscriber.receive().publishedMessage == PublishedMessage(channel: channel, payload: item.json))
    }
    let totals = try connection.call("ZRANGE", "emojitrack_score", "0", "-1", "WITHSCORES")
    #expect(totals == text("2665", "1", "1F602", "2"))
    #expect(try connection.call("LRANGE", "emojitrack_tweets_1F602", "0", "-1") == text("[1]", json))
  }

  @Test("keeps the ten latest tweets of an id")
  func latest() throws {
    let batch = (1...25).map { item("A", "\($0)") }
    #expect(try connection.call(script.command(for: batch, form: .source)) == .integer(25))
    let kept = RESPValue.array((16...25).reversed().map { .text("\($0)") })
    #expect(try connection.call("LRANGE", "emojitrack_tweets_A", "0", "-1") == kept)
  }

  @Test("accepts batches of 64 synthetic tweets")
  func throughput() throws {
    var random = SeededGenerator(seed: 1)
    var tweets = SyntheticTweet(firstNumber: 1)
    let zipf = Zipf(count: EmojiCatalog.all.count, exponent: 1)
    let batches = (0..<100).map { _ in
      (0..<64).map { _ in
        let emoji = EmojiCatalog.all[zipf.draw(using: &random)]
        return FeedItem(
          id: Array(emoji.id.utf8), json: tweets.next(holding: emoji, second: 0, using: &random))
      }
    }
    #expect(try connection.call(script.command(for: batches[0], form: .source)) == .integer(64))
    let begin = ContinuousClock.now
    for batch in batches {
      #expect(try connection.call(script.command(for: batch, form: .digest)) == .integer(64))
    }
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    print("batches of 64: \(Int(6400 / seconds)) tweets/s")
    #expect(try connection.call("ZCARD", "emojitrack_score") != .integer(0))
  }
}
