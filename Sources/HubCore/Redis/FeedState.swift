import Primitives

/// One of the two connections to Redis.
package enum FeedConnection: String, Equatable, Sendable, CaseIterable {
  /// The connection with the subscriptions, which can do nothing else.
  case subscription
  /// The connection for fences, probes and other commands.
  case command
}

/// Why the totals in Redis are not reliable, so that lost increments cannot be repaired.
package enum UnanchoredReason: Equatable, Sendable, CustomStringConvertible {
  /// The sorted set does not exist.
  case scoresMissing(key: String)
  /// Redis refuses a command that a fence needs.
  case refused(FeedRefusal)
  /// The value of the lineage's key is no ``Primitives/Lineage``, or the key vanished while it was read.
  case lineageInvalid(key: String)
  /// More than 65,536 different ids arrived while the totals were being read.
  case tooManyIDs

  /// The reason as a word for metrics.
  package var word: String {
    switch self {
    case .scoresMissing: "scores_missing"
    case .refused(let refusal): refusal.isMissingRight ? "right_missing" : "refused"
    case .lineageInvalid: "lineage_invalid"
    case .tooManyIDs: "too_many_ids"
    }
  }

  /// The words of all reasons.
  static let words = ["scores_missing", "right_missing", "refused", "lineage_invalid", "too_many_ids"]

  /// The reason as a sentence for a log.
  package var description: String {
    switch self {
    case .scoresMissing(let key): "there is no sorted set \(key) in Redis"
    case .refused(let refusal): refusal.description
    case .lineageInvalid(let key): "the key \(key) in Redis does not hold 1 to 64 letters and digits"
    case .tooManyIDs: "more than \(Fence.maximumIDCount) different ids arrived while the totals were read"
    }
  }
}

/// Why no messages arrive from Redis at present.
package enum FeedInterruption: Equatable, Sendable, CustomStringConvertible {
  /// A connection could not be established, or ended.
  case connectionClosed(FeedConnection, reason: String)
  /// Redis refused a right that the hub needs.
  case refused(FeedRefusal)
  /// Logging in and subscribing took too long.
  case setupTimedOut
  /// A fence's totals or its nonce did not arrive in time.
  case fenceTimedOut
  /// Lists of tweets did not arrive in time.
  case tweetsTimedOut
  /// No more messages arrived, and a probe was not answered in time.
  case flowStopped
  /// A reply had an unexpected form.
  case unexpectedReply(to: String)
  /// The server is not a master. The role is one word and, for a replica, the address of its master.
  case notMaster(role: String)
  /// No sentinel named the master.
  case masterUnknown(reason: String)
  /// A sentinel reported another master.
  case masterMoved(to: HostPort)

  /// The interruption as a sentence for a log.
  package var description: String {
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
      "this Redis is a \(role), and the hub needs a master; if the master can change, name the sentinels (redis-sentinel://)"
    case .masterUnknown(let reason): reason
    case .masterMoved(let address): "the master of Redis is now \(address)"
    }
  }
}

/// Whether messages arrive from Redis.
package enum FeedState: Equatable, Sendable {
  /// No messages arrive; the machine tries to connect.
  case interrupted(FeedInterruption)
  /// Messages arrive, and the totals are those in Redis.
  case anchored
  /// Messages arrive, but the totals are only what this hub counted.
  case unanchored(UnanchoredReason)
}
