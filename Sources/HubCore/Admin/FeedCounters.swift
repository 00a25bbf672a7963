/// What the hub has counted of its messages from Redis since its start. Nothing here ever falls.
public struct FeedCounters: Equatable, Sendable {
  /// What a message from Redis was, if it could be passed on or used.
  public enum MessageKind: String, Sendable, CaseIterable {
    /// One more for an id.
    case score
    /// A tweet for the details of an id.
    case tweet
    /// An event of an interaction channel.
    case interaction
    /// A fence, or a probe of the flow: a hub's own message.
    case fence
  }

  /// Messages that the subscription brought.
  public private(set) var messagesReceived: UInt64 = 0
  /// Messages that were of use, by kind.
  public private(set) var messagesPacked: [MessageKind: UInt64] = [:]
  /// Messages that were not, by a word that says why. The words are ours, so there are few of them.
  public private(set) var messagesRejected: [String: UInt64] = [:]
  /// How often the feed from Redis was interrupted.
  public private(set) var feedInterruptions: UInt64 = 0
  /// Topic events that nobody was told, since their place was not known when the feed broke again.
  public private(set) var topicEventsUnplaced: UInt64 = 0
  /// Flushes that told the edges something.
  public private(set) var flushes: UInt64 = 0

  /// All counters at zero.
  public init() {}

  /// How many received messages are neither packed nor rejected: 0 whenever no message is being handled.
  public var residual: Int64 {
    let accounted = messagesPacked.values.reduce(0, +) + messagesRejected.values.reduce(0, +)
    return Int64(bitPattern: messagesReceived &- accounted)
  }

  /// The subscription brought a message; ``messagePacked(_:)`` or ``messageRejected(_:)`` follows.
  public mutating func messageReceived() { messagesReceived += 1 }

  /// A received message was of use.
  public mutating func messagePacked(_ kind: MessageKind) { messagesPacked[kind, default: 0] += 1 }

  /// A received message was of no use.
  ///
  /// - Parameter reason: a word of ours, never a text that came from outside.
  public mutating func messageRejected(_ reason: String) { messagesRejected[reason, default: 0] += 1 }

  /// The feed from Redis was interrupted.
  public mutating func feedInterrupted() { feedInterruptions += 1 }

  /// The feed was interrupted, and these events have no place.
  public mutating func topicEventsForgotten(_ count: Int) { topicEventsUnplaced += UInt64(count) }

  /// The table was flushed.
  public mutating func flushed() { flushes += 1 }
}
