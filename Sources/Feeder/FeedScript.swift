/// A tweet to be written into Redis.
struct FeedItem: Equatable, Sendable {
  /// The id that it is counted for.
  let id: [UInt8]
  /// The tweet, as JSON.
  let json: [UInt8]
}

/// The Lua script that counts and publishes a batch of tweets as one atomic step.
///
/// For each tweet it increments the total in the sorted set, publishes the id, prepends the tweet to the id's ten
/// latest, and publishes the tweet. Because Redis runs a script as a whole, an increment and its message are never
/// apart: that lets a hub read exact totals at a place among the messages.
///
/// Send ``command(for:form:)`` with ``Form/digest``; if Redis answers `NOSCRIPT`, nothing of the batch has been
/// executed: send it once with ``Form/source``, which also makes the digest known. The answer is the number of
/// tweets. `Examples/feeder` shows the same script for authors of other feeders.
struct FeedScript: Sendable {
  /// How a command refers to the script.
  enum Form: Equatable, Sendable {
    /// By the SHA-1 of its source (`EVALSHA`).
    case digest
    /// By its source (`EVAL`).
    case source
  }

  /// The script. Keys: the totals, then each tweet's list. Arguments: the channel of ids, the prefix of channels of
  /// tweets, then each tweet's id and JSON.
  static let source = """
    for index = 1, #KEYS - 1 do
      local id, tweet = ARGV[1 + 2 * index], ARGV[2 + 2 * index]
      redis.call('ZINCRBY', KEYS[1], 1, id)
      redis.call('PUBLISH', ARGV[1], id)
      redis.call('LPUSH', KEYS[1 + index], tweet)
      redis.call('LTRIM', KEYS[1 + index], 0, 9)
      redis.call('PUBLISH', ARGV[2] .. id, tweet)
    end
    return #KEYS - 1
    """

  /// The SHA-1 of ``source``, as `SCRIPT LOAD` returns it.
  static let digest = "aa50420a3d1e6a931f28fdef8b74517ec7c2224c"

  /// The sorted set of totals.
  var scores = "emojitrack_score"
  /// The channel on which ids are published.
  var scoreUpdates = "stream.score_updates"
  /// The prefix of the lists of latest tweets.
  var tweetsPrefix = "emojitrack_tweets_"
  /// The prefix of the channels of tweets.
  var tweetUpdatesPrefix = "stream.tweet_updates."

  /// The arguments of the command that runs the script for a batch.
  func command(for batch: [FeedItem], form: Form) -> [[UInt8]] {
    let prefix = Array(tweetsPrefix.utf8)
    var arguments: [[UInt8]] = []
    arguments.reserveCapacity(6 + 3 * batch.count)
    switch form {
    case .digest: arguments += [Array("EVALSHA".utf8), Array(Self.digest.utf8)]
    case .source: arguments += [Array("EVAL".utf8), Array(Self.source.utf8)]
    }
    arguments.append(Array("\(batch.count + 1)".utf8))
    arguments.append(Array(scores.utf8))
    for item in batch { arguments.append(prefix + item.id) }
    arguments.append(Array(scoreUpdates.utf8))
    arguments.append(Array(tweetUpdatesPrefix.utf8))
    for item in batch { arguments += [item.id, item.json] }
    return arguments
  }
}
