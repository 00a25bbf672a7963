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
  /// The edge is going away.
  case shutdown
}
