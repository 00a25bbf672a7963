import Primitives
import Wire

/// The hub's side of the link to one edge, from the end of the TLS handshake on.
///
/// ```
///   awaitingHello ──hello──► welcomed ──┐
///         └──────────────┬──────────────┘ any end: a farewell (goAway), if the edge is still there to read it
///                     closing ──► the driver disconnects
/// ```
///
/// In `welcomed` the ``Flow`` decides whether the link carries frames: beyond the limit of ``LinkLimits``, on top
/// of one snapshot at most, nothing more is queued for an edge, however slow it is. The driver asks the link before
/// it queues a frame, and reports changes of the connection's backlog. Pings, answers and farewells are small and
/// rare, and are always queued; an edge that asks for too many answers without reading them is disconnected.
///
/// Errors are of three kinds. The edge breaks the protocol: a ``Closure`` with a reason. The driver does what the
/// state does not allow: a precondition. A message or a timer crosses the end of the link: ignored.
package struct EdgeLink: Sendable {
  /// Whether frames may be queued.
  package enum Flow: String, Equatable, Sendable {
    /// The edge needs a snapshot first: it is new, a lineage began, or its backlog drained after skipping.
    case behind
    /// The edge has a snapshot, and every frame since.
    case following
    /// The backlog exceeded its limit; nothing is queued until it is empty.
    case skipping
  }

  /// How the driver ends a link: it sends the farewell, if there is one, and closes once that is sent or at the
  /// ``deadline``.
  package struct Closure: Equatable, Sendable {
    /// Why the link ends.
    package let end: EdgeLinkEnd
    /// The last message; nil if the edge ended the link.
    package let farewell: GoAway?
  }

  enum State: Equatable, Sendable {
    case awaitingHello(deadline: Instant)
    case welcomed(Hello)
    case closing(EdgeLinkEnd, deadline: Instant)
  }

  let terms: LinkLimits
  let peerNames: [NodeName]
  var state: State
  var lastReceived: Instant
  var nextPing: Instant

  /// Whether frames may be queued.
  package internal(set) var flow = Flow.behind
  /// How many bytes wait for the connection.
  package internal(set) var backlog = 0
  /// Raw ids that were skipped for this edge, since the link began.
  package internal(set) var skippedRaw: UInt64 = 0
  /// Topic events that were skipped for this edge, since the link began.
  package internal(set) var skippedTopicEvents: UInt64 = 0
  /// The round-trip time of the last answered ping; nil before the first.
  package internal(set) var roundTrip: Duration?

  /// The number of unanswered queries of the edge.
  package internal(set) var unansweredQueries = 0

  /// The pings and queries since the backlog was empty.
  var unreadAnswers = 0
  var backlogLimit: Int
  var lastProgress: Instant
  /// The skipped messages not yet reported to the edge.
  var pendingGap = Gap(skippedRaw: 0, skippedTopicEvents: 0)

  /// A link whose TLS handshake just ended.
  ///
  /// - Parameter peerNames: the DNS names of the edge's certificate (RFC 5280 §4.2.1.6). Names that are not node
  ///   names, such as wildcards, are ignored.
  package init(terms: LinkLimits, peerNames: [String], now: Instant) {
    self.terms = terms
    self.peerNames = peerNames.compactMap(NodeName.init)
    state = .awaitingHello(deadline: now.advanced(by: terms.helloTimeout))
    lastReceived = now
    lastProgress = now
    nextPing = now.advanced(by: terms.pingInterval)
    backlogLimit = terms.backlogMaximum
  }

  /// The edge's hello; nil before it, and once the link is closing.
  package var hello: Hello? {
    guard case .welcomed(let hello) = state else { return nil }
    return hello
  }

  /// Whether the edge may be sent the keys of session tickets.
  package var takesTicketKeys: Bool {
    guard let hello else { return false }
    return min(hello.versions.upperBound, terms.versions.upperBound) >= RelayProtocol.ticketKeysVersion
  }

  /// Why the link is closing; nil while it is not.
  package var end: EdgeLinkEnd? {
    guard case .closing(let end, _) = state else { return nil }
    return end
  }

  /// When ``timerTriggered(now:)`` is due.
  package var deadline: Instant {
    switch state {
    case .awaitingHello(let deadline), .closing(_, let deadline): deadline
    case .welcomed: min(nextPing, silenceDeadline, stallDeadline ?? nextPing)
    }
  }

  var silenceDeadline: Instant { lastReceived.advanced(by: terms.silenceMaximum) }

  var stallDeadline: Instant? { backlog > 0 ? lastProgress.advanced(by: terms.stallMaximum) : nil }

  /// Enters `closing`.
  mutating func close(
    _ end: EdgeLinkEnd, _ text: String = "", retryAfterMilliseconds: Int? = nil, now: Instant
  ) -> Closure {
    state = .closing(end, deadline: now.advanced(by: terms.closingMaximum))
    let farewell = end.goAwayReason.map {
      GoAway(
        reason: $0, retryAfterMilliseconds: retryAfterMilliseconds ?? end.retryAfterMilliseconds, text: text)
    }
    return Closure(end: end, farewell: farewell)
  }
}
