import EdgeCore

/// The edge's half of a TLS handshake over a simulated socket.
///
/// A flight of the client is one byte: the number of its flights that are left, this one included. The edge answers each
/// but the last with a byte. Zero is an alert.
struct SimulatedTLS {
  private(set) var isEstablished = false
  /// What has arrived and was not read.
  private var unread: [UInt8] = []
  private var hasEnded = false

  mutating func received(_ bytes: [UInt8]) { unread += bytes }

  mutating func peerClosedItsSide() { hasEnded = true }

  /// Reads and answers as far as the client has come.
  mutating func handshake(over end: End<[UInt8]>) -> HandshakeQueue.Step {
    while let flight = unread.first {
      unread.removeFirst()
      switch flight {
      case 0: return .failed
      case 1:
        isEstablished = true
        return .complete
      default: end.send([flight])
      }
    }
    return hasEnded ? .failed : .wait
  }

  /// Takes out what arrived behind the handshake.
  mutating func takeUnread() -> [UInt8] {
    defer { unread = [] }
    return unread
  }
}
