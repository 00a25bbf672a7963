import HubCore
import Testing

@Suite struct FeedNamesTests {
  @Test("the customary names can be told apart")
  func customary() {
    #expect(FeedNames().conflict == nil)
  }

  @Test(
    "names that can not be told apart are named",
    arguments: [
      { $0.lineage = "emojitrack_score" }, { $0.lineage = "emojitrack_tweets_x" },
      { $0.scores = "emojitrack_tweets_" }, { $0.tweetsPrefix = "emojitrack" },
      { $0.fences = "stream.score_updates" }, { $0.fences = "stream.interaction.x" },
      { $0.scoreUpdates = "stream.tweet_updates." }, { $0.tweetUpdatesPrefix = "stream." },
      { $0.interactionPrefix = "stream.tweet_updates." }, { $0.interactionPrefix = "stream.tweet_updates.1" },
    ] as [@Sendable (inout FeedNames) -> Void])
  func conflicts(change: @Sendable (inout FeedNames) -> Void) {
    var names = FeedNames()
    change(&names)
    #expect(names.conflict != nil)
  }
}
