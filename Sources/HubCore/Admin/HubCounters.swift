public import Wire

/// What the hub has counted since its start. Nothing here ever falls.
public struct HubCounters: Equatable, Sendable {
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

  /// What a query asks for.
  public enum QueryKind: String, Sendable, CaseIterable {
    /// Totals at a place.
    case past
    /// The ids behind a place.
    case order
    /// The last tweets of a topic.
    case tweets
    /// To read Redis's totals again.
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
  /// Messages queued for edges, once for each edge.
  public private(set) var framesSent: UInt64 = 0
  /// Bytes queued for edges, before TLS.
  public private(set) var bytesSent: UInt64 = 0
  /// Bytes received from edges, after TLS.
  public private(set) var bytesReceived: UInt64 = 0

  /// Links that were welcomed.
  public private(set) var linksWelcomed: UInt64 = 0
  /// Connections that never became a link: the TLS handshake failed.
  public private(set) var handshakesFailed: UInt64 = 0
  /// Links that ended, welcomed or not, by their end.
  public private(set) var linksEnded: [EdgeLinkEnd: UInt64] = [:]
  /// Raw ids that links which have ended did not get.
  public private(set) var skippedRaw: UInt64 = 0
  /// Topic events that links which have ended did not get.
  public private(set) var skippedTopicEvents: UInt64 = 0

  /// Queries that were answered, by what was asked and what came of it.
  public private(set) var queriesAnswered: [QueryKind: [QueryOutcome: UInt64]] = [:]

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

  /// Messages were queued for one edge.
  public mutating func framesQueued(_ count: Int, bytes: Int) {
    framesSent += UInt64(count)
    bytesSent += UInt64(bytes)
  }

  /// An edge sent bytes.
  public mutating func bytesReceived(_ count: Int) { bytesReceived += UInt64(count) }

  /// A query was answered.
  public mutating func queryAnswered(_ question: Query.Question, _ outcome: QueryOutcome) {
    let kind: QueryKind =
      switch question {
      case .past: .past
      case .order: .order
      case .tweets: .tweets
      case .fence: .fence
      }
    queriesAnswered[kind, default: [:]][outcome, default: 0] += 1
  }

  /// A link was welcomed.
  public mutating func linkWelcomed() { linksWelcomed += 1 }

  /// A TLS handshake failed.
  public mutating func handshakeFailed() { handshakesFailed += 1 }

  /// A link ended; what it skipped is kept.
  public mutating func linkEnded(_ link: EdgeLink, _ end: EdgeLinkEnd) {
    linksEnded[end, default: 0] += 1
    skippedRaw += link.skippedRaw
    skippedTopicEvents += link.skippedTopicEvents
  }
}
