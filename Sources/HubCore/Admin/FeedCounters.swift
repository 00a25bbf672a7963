/// Counts of the hub's messages from Redis since its start. They never decrease.
package struct FeedCounters: Equatable, Sendable {
  /// The kind of a message from Redis that was of use.
  package enum MessageKind: String, Sendable, CaseIterable {
    /// An increment of an id.
    case score
    /// A tweet for the details of an id.
    case tweet
    /// An event of an interaction channel.
    case interaction
    /// A fence or probe, which a hub published itself.
    case fence
  }

  /// Messages that the subscription received.
  package private(set) var messagesReceived: UInt64 = 0
  /// Messages that were of use, by kind.
  package private(set) var messagesPacked: [MessageKind: UInt64] = [:]
  /// Messages that were rejected, by reason. The reasons are the hub's own words, so there are few of them.
  package private(set) var messagesRejected: [String: UInt64] = [:]
  /// How often the feed from Redis was interrupted.
  package private(set) var feedInterruptions: UInt64 = 0
  /// Topic events that no edge was sent, because their place was still unknown when the feed broke again.
  package private(set) var topicEventsUnplaced: UInt64 = 0
  /// Flushes that were sent to the edges.
  package private(set) var flushes: UInt64 = 0

  /// All counters at zero.
  package init() {}

  /// The number of received messages that are neither packed nor rejected: 0 whenever no message is being handled.
  package var residual: Int64 {
    let accounted = messagesPacked.values.reduce(0, +) + messagesRejected.values.reduce(0, +)
    return Int64(bitPattern: messagesReceived &- accounted)
  }

  /// The subscription received a message; ``messagePacked(_:)`` or ``messageRejected(_:)`` follows.
  package mutating func messageReceived() { messagesReceived += 1 }

  /// A received message was of use.
  package mutating func messagePacked(_ kind: MessageKind) { messagesPacked[kind, default: 0] += 1 }

  /// A received message was rejected.
  ///
  /// - Parameter reason: one of the hub's own words, never a text from outside.
  package mutating func messageRejected(_ reason: String) { messagesRejected[reason, default: 0] += 1 }

  /// The feed from Redis was interrupted.
  package mutating func feedInterrupted() { feedInterruptions += 1 }

  /// The feed was interrupted, and these events have no place.
  package mutating func topicEventsForgotten(_ count: Int) { topicEventsUnplaced += UInt64(count) }

  /// The table was flushed to the edges.
  package mutating func flushed() { flushes += 1 }
}
