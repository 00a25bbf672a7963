/// Why a client's connection ended: the same word in log, metric and JSON.
public enum CloseReason: String, Equatable, Sendable, CaseIterable {
  /// The client closed its side.
  case peerClosed
  /// The connection broke.
  case reset
  /// The TLS handshake failed.
  case handshakeFailed
  /// No whole request came in time.
  case headTimeout
  /// What came was no acceptable request, or more than a streaming client may send.
  case badRequest
  /// The client got what it asked for, and nothing more was to follow.
  case requestComplete
  /// The client was so far behind that its place in the stream no longer existed.
  case lagged
  /// The client took nothing for too long.
  case writeTimeout
  /// The edge had no room for it.
  case overLimit
  /// The edge is draining, and let it go.
  case drained
  /// The edge has too many clients, and let it go.
  case shed
  /// An operator wanted it closed.
  case dismissed
  /// The page that opened it wanted it closed.
  case cleanedUp
  /// It was as old as a stream may get.
  case refreshed
  /// The edge is going away, at once.
  case shutdown

  /// Whether the edge let go a client that could have stayed: it was told when to come back.
  public var isRelease: Bool {
    switch self {
    case .drained, .shed, .dismissed, .cleanedUp, .refreshed: true
    default: false
    }
  }
}
