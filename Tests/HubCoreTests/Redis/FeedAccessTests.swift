import Foundation
import HubCore
import Testing

@Suite struct FeedAccessTests {
  private static let customary = """
    ACL SETUSER emojitrack-hub on resetkeys resetchannels -@all +role +client|setname +subscribe +psubscribe +ping \
    +publish +multi +exec +discard +get +set +eval +zrange +lrange +hset +hdel %R~emojitrack_score \
    ~emojitrack_relay_lineage %R~emojitrack_tweets_* %W~admin_stream_status &stream.score_updates \
    &stream.tweet_updates.* &stream.relay_fence
    """

  @Test("The line for a hub with default settings is the documented one")
  func customary() throws {
    #expect(FeedAccess(FeedConfiguration()).line == Self.customary)
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let text = try String(
      contentsOf: root.appending(path: "Docs/redis.md").standardizedFileURL, encoding: .utf8)
    #expect(text.replacing(" \\\n  ", with: " ").contains(Self.customary))
  }

  @Test(
    "The line has the configured user, keys and channels, and SELECT and the kiosk's channels if they are used"
  )
  func configured() {
    var configuration = FeedConfiguration()
    configuration.user = "relay"
    configuration.password = "secret"
    configuration.database = 3
    configuration.isInteractionEnabled = true
    configuration.names.scores = "{a}score"
    configuration.names.fences = "a:fence"
    let line = FeedAccess(configuration).line
    #expect(line.hasPrefix("ACL SETUSER relay on "))
    for word in ["+select", "%R~{a}score", "&a:fence", "&stream.interaction.*"] {
      #expect(line.split(separator: " ").contains(Substring(word)), "\(word)")
    }
    #expect(!line.contains("secret") && !line.contains("stream.relay_fence"))
  }
}
