import Wire

/// Counts of the hub's links to edges since its start. They never decrease.
package struct LinkCounters: Equatable, Sendable {
  /// The kind of a query.
  package enum QueryKind: String, Sendable, CaseIterable {
    /// Totals at a place.
    case past
    /// The ids after a place.
    case order
    /// The last tweets of a topic.
    case tweets
    /// A request to read the totals from Redis again.
    case fence
  }

  /// Messages queued for edges, once for each edge.
  package private(set) var framesSent: UInt64 = 0
  /// Bytes queued for edges, before TLS.
  package private(set) var bytesSent: UInt64 = 0
  /// Bytes received from edges, after TLS.
  package private(set) var bytesReceived: UInt64 = 0

  /// Links whose edges were sent a welcome.
  package private(set) var linksWelcomed: UInt64 = 0
  /// Connections that never became a link, because the TLS handshake failed.
  package private(set) var handshakesFailed: UInt64 = 0
  /// Links that ended, with or without a welcome, by reason.
  package private(set) var linksEnded: [EdgeLinkEnd: UInt64] = [:]
  /// Raw ids that were skipped on links that have ended.
  package private(set) var skippedRaw: UInt64 = 0
  /// Topic events that were skipped on links that have ended.
  package private(set) var skippedTopicEvents: UInt64 = 0

  /// Queries that were answered, by kind and result.
  package private(set) var queriesAnswered: [QueryKind: [QueryOutcome: UInt64]] = [:]

  /// All counters at zero.
  package init() {}

  /// Messages were queued for one edge.
  package mutating func framesQueued(_ count: Int, bytes: Int) {
    framesSent += UInt64(count)
    bytesSent += UInt64(bytes)
  }

  /// An edge sent bytes.
  package mutating func bytesReceived(_ count: Int) { bytesReceived += UInt64(count) }

  /// A query was answered.
  package mutating func queryAnswered(_ question: Query.Question, _ outcome: QueryOutcome) {
    let kind: QueryKind =
      switch question {
      case .past: .past
      case .order: .order
      case .tweets: .tweets
      case .fence: .fence
      }
    queriesAnswered[kind, default: [:]][outcome, default: 0] += 1
  }

  /// An edge was sent its welcome.
  package mutating func linkWelcomed() { linksWelcomed += 1 }

  /// A TLS handshake failed.
  package mutating func handshakeFailed() { handshakesFailed += 1 }

  /// A link ended; the counts of what it skipped are kept.
  package mutating func linkEnded(_ link: EdgeLink, _ end: EdgeLinkEnd) {
    linksEnded[end, default: 0] += 1
    skippedRaw += link.skippedRaw
    skippedTopicEvents += link.skippedTopicEvents
  }
}
