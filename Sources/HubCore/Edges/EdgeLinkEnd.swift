import Wire

/// Why an edge's link ended: the same word in the log, in the metrics and in the admin API.
package enum EdgeLinkEnd: String, Equatable, Sendable, CaseIterable {
  /// The edge sent a goAway because it is shutting down.
  case edgeShutDown
  /// The edge ended the link for another reason, which its farewell names.
  case edgeRefused
  /// The connection was closed or reset without a farewell.
  case peerClosed
  /// No hello arrived in time.
  case helloTimeout
  /// No byte arrived for too long.
  case silent
  /// The connection accepted no byte for too long.
  case stalled
  /// The name in the hello is not in the certificate.
  case identityMismatch
  /// The edge's certificate was revoked while the link was up.
  case revoked
  /// Hub and edge have no version in common.
  case versionMismatch
  /// The edge violated the protocol.
  case protocolError
  /// A newer link of the same node took this one's place.
  case replaced
  /// The hub has reached its maximum of edges.
  case tooManyEdges
  /// The hub is shutting down.
  case hubShutDown

  /// The reason in the farewell; nil if the edge ended the link itself.
  package var goAwayReason: GoAway.Reason? {
    switch self {
    case .edgeShutDown, .edgeRefused, .peerClosed: nil
    case .helloTimeout, .silent: .idle
    case .stalled, .tooManyEdges: .overloaded
    case .identityMismatch, .revoked: .identityMismatch
    case .versionMismatch: .versionMismatch
    case .protocolError: .protocolError
    case .replaced: .replaced
    case .hubShutDown: .shutdown
    }
  }

  /// How long the edge should stay away, in milliseconds: a minute if an operator has to fix something: a
  /// misconfigured edge must not keep the hub busy; 0 where the edge's own backoff is right.
  package var retryAfterMilliseconds: Int {
    switch self {
    case .identityMismatch, .revoked, .versionMismatch, .protocolError: 60_000
    case .tooManyEdges, .replaced: 30_000
    case .edgeShutDown, .edgeRefused, .peerClosed, .helloTimeout, .silent, .stalled, .hubShutDown: 0
    }
  }
}
