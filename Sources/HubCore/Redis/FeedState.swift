import Primitives

/// One of the pair of connections to Redis.
public enum FeedConnection: String, Equatable, Sendable, CaseIterable {
  /// The one that subscribes, and can do nothing else from then on.
  case subscription
  /// The one for fences and probes.
  case command
}

/// Why the totals that Redis keeps cannot be relied on, so that nothing lost can be repaired.
public enum UnanchoredReason: Equatable, Sendable, CustomStringConvertible {
  /// The sorted set does not exist, or not yet.
  case scoresMissing(key: String)
  /// Redis refuses what a fence needs.
  case refused(FeedRefusal)
  /// The lineage's key holds what is no ``Primitives/Lineage``, or vanished while it was read.
  case lineageInvalid(key: String)
  /// More than 65,536 different ids came while the totals were on their way.
  case tooManyIDs

  /// A word for metrics.
  public var word: String {
    switch self {
    case .scoresMissing: "scores_missing"
    case .refused(let refusal): refusal.isMissingRight ? "right_missing" : "refused"
    case .lineageInvalid: "lineage_invalid"
    case .tooManyIDs: "too_many_ids"
    }
  }

  /// All words that there are.
  static let words = ["scores_missing", "right_missing", "refused", "lineage_invalid", "too_many_ids"]

  /// A sentence for a log.
  public var description: String {
    switch self {
    case .scoresMissing(let key): "there is no sorted set \(key) in Redis"
    case .refused(let refusal): refusal.description
    case .lineageInvalid(let key): "the key \(key) in Redis does not hold 1 to 64 letters and digits"
    case .tooManyIDs: "more than \(Fence.maximumIDCount) different ids came while the totals were read"
    }
  }
}

/// Why nothing comes from Redis at present.
public enum FeedInterruption: Equatable, Sendable, CustomStringConvertible {
  /// A connection could not be made, or ended.
  case connectionClosed(FeedConnection, reason: String)
  /// Redis refused a right that the hub needs.
  case refused(FeedRefusal)
  /// Logging in and subscribing took too long.
  case setupTimedOut
  /// A fence's totals or its nonce did not come in time.
  case fenceTimedOut
  /// Lists of tweets did not come in time.
  case tweetsTimedOut
  /// Nothing came any more, and a probe was not answered in time.
  case flowStopped
  /// An answer was not of the form that it must have.
  case unexpectedReply(to: String)
  /// The server is no master; in a word and, for a replica, whose it is.
  case notMaster(role: String)
  /// No sentinel could say who the master is.
  case masterUnknown(reason: String)
  /// A sentinel said that there is another master now.
  case masterMoved(to: HostPort)

  /// A sentence for a log.
  public var description: String {
    switch self {
    case .connectionClosed(let connection, let reason):
      "the \(connection) connection to Redis ended: \(reason)"
    case .refused(let refusal): refusal.description
    case .setupTimedOut: "logging in to Redis and subscribing took too long"
    case .fenceTimedOut: "a fence in Redis was not answered in time"
    case .tweetsTimedOut: "lists of tweets in Redis were not read in time"
    case .flowStopped: "Redis stopped delivering messages without closing the connection"
    case .unexpectedReply(let request): "Redis gave an unexpected answer to \(request)"
    case .notMaster(let role):
      "this Redis is a \(role), and the hub needs a master; where that changes, name the sentinels (redis-sentinel://)"
    case .masterUnknown(let reason): reason
    case .masterMoved(let address): "the master of Redis is now \(address)"
    }
  }
}

/// Whether messages come from Redis.
public enum FeedState: Equatable, Sendable {
  /// They do not; the machine tries to connect.
  case interrupted(FeedInterruption)
  /// They do, and the totals are Redis's.
  case anchored
  /// They do, but the totals are only what this hub counted.
  case unanchored(UnanchoredReason)
}
