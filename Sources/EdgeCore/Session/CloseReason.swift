/// Why a client's connection ended. Log, metrics and JSON use the same word.
package enum CloseReason: String, Equatable, Sendable, CaseIterable {
  /// The client closed its side.
  case peerClosed
  /// The connection broke.
  case reset
  /// The TLS handshake failed.
  case handshakeFailed
  /// No complete request arrived in time.
  case headTimeout
  /// The client sent no acceptable request, or more than a streaming client may send.
  case badRequest
  /// The client got its answer, and nothing was to follow.
  case requestComplete
  /// The client fell so far behind that its place in the stream was gone.
  case lagged
  /// The client took no bytes for too long.
  case writeTimeout
  /// The edge had too little memory left, and the client lagged.
  case memoryShort
  /// The edge had no room for the client.
  case overLimit
  /// The edge is draining, and released the client.
  case drained
  /// The edge had too many clients, and released this one.
  case shed
  /// An operator closed the client.
  case dismissed
  /// The page that opened the stream closed it.
  case cleanedUp
  /// The stream reached the greatest age that the operator allows.
  case refreshed
  /// The edge stops at once.
  case shutdown

  /// Whether the client is to go elsewhere: to another edge, or at least to another connection.
  package var sendsAway: Bool {
    switch self {
    case .drained, .shed, .refreshed: true
    default: false
    }
  }

  /// Whether the edge released a client that could have stayed, with a time to reconnect.
  package var isRelease: Bool {
    switch self {
    case .drained, .shed, .dismissed, .cleanedUp, .refreshed: true
    default: false
    }
  }
}
