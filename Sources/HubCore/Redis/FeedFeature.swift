/// Something that the feed does with Redis and can do without. The raw values are words for the status and for metrics.
public enum FeedFeature: String, Equatable, Hashable, Sendable, CaseIterable {
  /// Tweets come.
  case tweets
  /// What happens at kiosks comes.
  case interaction
  /// Fences and probes come back.
  case fences
  /// It is known whether the server is a master.
  case role
  /// The flow is probed by a message.
  case probes
  /// Redis is told how each edge is.
  case nodeStatuses = "node_statuses"
  /// The last tweets of a topic are read.
  case tweetLists = "tweet_lists"
  /// They are read at an exact place in the order of messages.
  case exactLists = "exact_lists"
  /// A script gives a history its new name.
  case script
  /// Totals are compared with Redis's.
  case comparison

  /// What is lost without it: a sentence's beginning.
  public var loss: String {
    switch self {
    case .tweets: "no client gets tweets"
    case .interaction: "no kiosk display gets anything"
    case .fences: "what is missed cannot be repaired"
    case .role: "a replica is not told from a master"
    case .probes: "the flow of messages is probed by PING alone"
    case .nodeStatuses: "the predecessors' tools do not see how the edges are"
    case .tweetLists: "clients do not get the tweets from before they came"
    case .exactLists: "the last tweets of a topic may be sent twice"
    case .comparison: "what is missed is repaired later"
    case .script: "two hubs may each give totals that went backwards a new name"
    }
  }
}

/// Something that an operator should hear once.
public enum FeedNotice: Equatable, Sendable, CustomStringConvertible {
  /// Redis refuses something, and the hub does without.
  case refused(FeedFeature, FeedRefusal)
  /// Redis allows what it refused before.
  case granted(FeedFeature)

  /// A sentence for a log.
  public var description: String {
    switch self {
    case .refused(let feature, let refusal): "\(feature.loss), because \(refusal)"
    case .granted(let feature): "Redis now allows what it refused: \(feature.rawValue)"
    }
  }
}
