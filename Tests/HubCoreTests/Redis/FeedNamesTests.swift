import HubCore
import Testing

@Suite struct FeedNamesTests {
  @Test("The default names can be told apart")
  func customary() {
    #expect(FeedNames().conflict == nil)
  }

  @Test("Names that are equal only in Unicode can be told apart, as in Redis")
  func equivalents() {
    var names = FeedNames()
    (names.scoreUpdates, names.fences) = ("\u{e9}", "e\u{301}")
    (names.scores, names.lineage) = ("\u{212a}", "K")
    (names.tweetUpdatesPrefix, names.interactionPrefix) = ("\u{f1}.", "n\u{303}.")
    #expect(names.conflict == nil)
  }

  @Test(
    "Names that cannot be distinguished are reported",
    arguments: [
      { $0.lineage = "emojitrack_score" }, { $0.lineage = "emojitrack_tweets_x" },
      { $0.scores = "emojitrack_tweets_" }, { $0.tweetsPrefix = "emojitrack" },
      { $0.fences = "stream.score_updates" }, { $0.fences = "stream.interaction.x" },
      { $0.scoreUpdates = "stream.tweet_updates." }, { $0.tweetUpdatesPrefix = "stream." },
      { $0.interactionPrefix = "stream.tweet_updates." }, { $0.interactionPrefix = "stream.tweet_updates.1" },
      { $0.fences = "stream.interaction.\u{301}" }, { $0.lineage = "emojitrack_tweets_\u{301}" },
    ] as [@Sendable (inout FeedNames) -> Void])
  func conflicts(change: @Sendable (inout FeedNames) -> Void) {
    var names = FeedNames()
    change(&names)
    #expect(names.conflict != nil)
  }
}
