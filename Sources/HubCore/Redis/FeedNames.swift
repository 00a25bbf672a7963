/// The names of the keys and channels of scores and tweets. The defaults are emojitrack's own names.
package struct FeedNames: Equatable, Sendable {
  /// The sorted set of totals; its members are score ids.
  package var scores = "emojitrack_score"
  /// The key with the name of the totals' lineage.
  package var lineage = "emojitrack_relay_lineage"
  /// The prefix of the keys of last tweets; the id follows. Each is a list, latest tweet first.
  package var tweetsPrefix = "emojitrack_tweets_"
  /// The channel where each increment's id is published.
  package var scoreUpdates = "stream.score_updates"
  /// The prefix of the channels of tweets; the id follows.
  package var tweetUpdatesPrefix = "stream.tweet_updates."
  /// The prefix of the channels of kiosk interaction.
  package var interactionPrefix = "stream.interaction."
  /// The channel of fences and probes: see ``Fence``.
  package var fences = "stream.relay_fence"
  /// The hash in which each node reports its state, by its name.
  package var nodeStatuses = "admin_stream_status"

  /// The default names.
  package init() {}

  /// Two names that conflict: two equal keys, or a channel that begins with another channel's prefix.
  ///
  /// Compared by bytes, as Redis does. A `String` does not have the prefix `a` if a combining mark follows it.
  package var conflict: (String, String)? {
    let apart = [
      (tweetUpdatesPrefix, scoreUpdates), (tweetUpdatesPrefix, fences),
      (tweetUpdatesPrefix, interactionPrefix),
      (interactionPrefix, scoreUpdates), (interactionPrefix, fences), (interactionPrefix, tweetUpdatesPrefix),
      (tweetsPrefix, scores), (tweetsPrefix, lineage), (tweetsPrefix, nodeStatuses),
    ]
    if let (prefix, other) = apart.first(where: { $0.1.utf8.starts(with: $0.0.utf8) }) {
      return (prefix, other)
    }
    let distinct = [
      (scoreUpdates, fences), (scores, lineage), (scores, nodeStatuses), (lineage, nodeStatuses),
    ]
    return distinct.first { $0.0.utf8.elementsEqual($0.1.utf8) }
  }
}
