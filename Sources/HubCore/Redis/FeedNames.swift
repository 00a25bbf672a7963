/// The names of the keys and channels through which scores and tweets come, as emojitrack has always called them.
public struct FeedNames: Equatable, Sendable {
  /// The sorted set of totals: the members are score ids.
  public var scores = "emojitrack_score"
  /// The key that holds the name of the totals' lineage.
  public var lineage = "emojitrack_relay_lineage"
  /// What the key of an id's last tweets begins with; the id follows. A list with the latest first.
  public var tweetsPrefix = "emojitrack_tweets_"
  /// The channel on which each increment's id is published.
  public var scoreUpdates = "stream.score_updates"
  /// What a channel of tweets begins with; an id follows.
  public var tweetUpdatesPrefix = "stream.tweet_updates."
  /// What a channel of kiosk interaction begins with.
  public var interactionPrefix = "stream.interaction."
  /// The channel of fences and probes: see ``Fence``.
  public var fences = "stream.relay_fence"
  /// The hash in which each node says how it is, by its name.
  public var nodeStatuses = "admin_stream_status"

  /// The customary names.
  public init() {}

  /// Two names that do not differ enough: two equal keys, or a channel that another one's prefix would take for its own.
  ///
  /// By bytes, as Redis compares them. A `String` does not have the prefix `a` when a combining mark follows it.
  public var conflict: (String, String)? {
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
