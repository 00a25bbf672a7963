/// A use of Redis that the feed can do without. The raw values are words for the status and for metrics.
package enum FeedFeature: String, Equatable, Hashable, Sendable, CaseIterable {
  /// Receives tweets.
  case tweets
  /// Receives interactions at kiosks.
  case interaction
  /// Receives fences and probes.
  case fences
  /// Checks whether the server is a master.
  case role
  /// Probes the flow by publishing a message.
  case probes
  /// Writes the state of each edge into Redis.
  case nodeStatuses = "node_statuses"
  /// Reads the last tweets of a topic.
  case tweetLists = "tweet_lists"
  /// Reads these tweets at an exact place in the order of messages.
  case exactLists = "exact_lists"
  /// Renames a history by a script.
  case script
  /// Compares totals with those in Redis.
  case comparison

  /// What is lost without the feature, as the beginning of a sentence.
  package var loss: String {
    switch self {
    case .tweets: "no client gets tweets"
    case .interaction: "no kiosk display gets anything"
    case .fences: "missed increments cannot be repaired"
    case .role: "a replica cannot be told from a master"
    case .probes: "the flow of messages is probed by PING alone"
    case .nodeStatuses: "the predecessors' tools do not see the state of the edges"
    case .tweetLists: "clients do not get earlier tweets"
    case .exactLists: "the last tweets of a topic may be sent twice"
    case .comparison: "missed increments are repaired later"
    case .script: "two hubs may each begin a new lineage when totals go backwards"
    }
  }
}

/// A message for the operator, to be logged once.
package enum FeedNotice: Equatable, Sendable, CustomStringConvertible {
  /// Redis refuses a right, and the hub works without the feature.
  case refused(FeedFeature, FeedRefusal)
  /// Redis grants a right that it refused before.
  case granted(FeedFeature)

  /// The notice as a sentence for a log.
  package var description: String {
    switch self {
    case .refused(let feature, let refusal): "\(feature.loss), because \(refusal)"
    case .granted(let feature): "Redis now allows what it refused: \(feature.rawValue)"
    }
  }
}
