import Wire

/// The tweets that came since the list of their topic was asked for: with several hubs, the one that answers may be
/// behind another, whose tweets were delivered already.
struct WatchedTopics: Sendable {
  private var tweets: [TopicID: [[UInt8]]] = [:]

  /// Begins to keep what comes.
  mutating func watch(_ topic: TopicID) { tweets[topic] = tweets[topic] ?? [] }

  mutating func received(_ payload: [UInt8], of topic: TopicID) {
    guard !tweets.isEmpty, var kept = tweets[topic] else { return }
    kept.append(payload)
    tweets[topic] = kept.suffix(Tweets.maximumCount)
  }

  /// Only these are still waited for.
  mutating func keep(only topics: Set<TopicID>) {
    guard !tweets.isEmpty else { return }
    tweets = tweets.filter { topics.contains($0.key) }
  }

  /// The list has come, or will not.
  ///
  /// - Parameter list: what Redis held, oldest first.
  /// - Returns: the list, and behind it what was delivered and is not in it.
  mutating func end(_ topic: TopicID, list: [[UInt8]]) -> [[UInt8]] {
    let kept = tweets.removeValue(forKey: topic) ?? []
    // What came before something that is in the list is in it too, or older.
    let last = kept.lastIndex { list.contains($0) }
    return list + kept[(last.map { $0 + 1 } ?? 0)...]
  }
}
