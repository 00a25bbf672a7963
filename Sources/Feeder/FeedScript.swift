/// One tweet on its way into Redis.
struct FeedItem: Equatable, Sendable {
  /// The id that it counts for.
  let id: [UInt8]
  /// The tweet, as JSON.
  let json: [UInt8]
}

/// The Lua script that counts and publishes a batch of tweets as one step that nobody can look into.
///
/// For each tweet: one more in the sorted set of totals, its id published, the tweet put in front of the id's ten
/// latest, the tweet published. Because Redis runs a script as a whole, an increment and its message are never apart:
/// that is what lets a hub read exact totals at a place among the messages.
///
/// Send ``command(for:form:)`` with ``Form/digest``; when Redis answers `NOSCRIPT`, send the same batch with
/// ``Form/source`` once, which also makes the digest known. Nothing of the batch has been executed then. The answer is
/// the number of tweets. `Examples/feeder` shows the same script to those who write a feeder of their own.
struct FeedScript: Sendable {
  /// How the script is named in a command.
  enum Form: Equatable, Sendable {
    /// By the SHA-1 of its source (`EVALSHA`).
    case digest
    /// By its source (`EVAL`).
    case source
  }

  /// The script. Keys: the totals, then each tweet's list. Arguments: the channel of ids, what a channel of tweets
  /// begins with, then each tweet's id and JSON.
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

  /// The SHA-1 of ``source``, as `SCRIPT LOAD` answers it.
  static let digest = "aa50420a3d1e6a931f28fdef8b74517ec7c2224c"

  /// The sorted set of totals.
  var scores = "emojitrack_score"
  /// The channel on which ids are published.
  var scoreUpdates = "stream.score_updates"
  /// What a list of an id's latest tweets begins with.
  var tweetsPrefix = "emojitrack_tweets_"
  /// What a channel of tweets begins with.
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
