import Wire

/// The tweets that arrived since the list of their topic was asked for: with several hubs, the hub that answers may
/// be behind another one, whose tweets were delivered already.
struct WatchedTopics: Sendable {
  private var tweets: [TopicID: [[UInt8]]] = [:]

  /// Begins to keep the tweets of a topic.
  mutating func watch(_ topic: TopicID) { tweets[topic] = tweets[topic] ?? [] }

  mutating func received(_ payload: [UInt8], of topic: TopicID) {
    guard !tweets.isEmpty, var kept = tweets[topic] else { return }
    kept.append(payload)
    tweets[topic] = kept.suffix(Tweets.maximumCount)
  }

  /// Stops keeping the tweets of all other topics.
  mutating func keep(only topics: Set<TopicID>) {
    guard !tweets.isEmpty else { return }
    tweets = tweets.filter { topics.contains($0.key) }
  }

  /// The list has arrived, or will not.
  ///
  /// - Parameter list: the tweets in Redis, oldest first.
  /// - Returns: the list, followed by the delivered tweets that are not in it.
  mutating func end(_ topic: TopicID, list: [[UInt8]]) -> [[UInt8]] {
    let kept = tweets.removeValue(forKey: topic) ?? []
    // Tweets that arrived before one in the list are in it too, or older.
    let last = kept.lastIndex { list.contains($0) }
    return list + kept[(last.map { $0 + 1 } ?? 0)...]
  }
}
