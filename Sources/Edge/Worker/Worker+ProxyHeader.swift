import EdgeCore
import Primitives
import Reactor

/// What surrounds a client's own bytes: a PROXY header in front of them, and TLS.
struct ListenerOptions: Sendable {
  /// The TLS context of this listener; nil for plain connections.
  let secure: SecureContext?
  /// Whether every connection must begin with a PROXY header.
  let requiresProxyHeader: Bool
  /// Whether this listener serves the edge's state only.
  var isForStatus = false

  /// How requests to this listener are answered.
  var entrance: Entrance { isForStatus ? .status : secure == nil ? .plain : .secure }
}

// The PROXY header comes in front of everything, TLS included. Only its own bytes are taken from the socket.
extension Worker {
  /// Reads as much of the header as has arrived.
  ///
  /// - Returns: true once it is complete, and the client's own bytes follow.
  func readProxyHeader(_ id: ConnectionID) -> Bool {
    let slot = id.slot
    while true {
      switch Socket.peek(connections[slot].descriptor, into: &readBuffer) {
      case .moved(let count):
        var index = 0
        do throws(ProxyHeaderError) {
          let header = try connections[slot].proxyHeader?.parse(
            readBuffer.span.extracting(0..<count), from: &index)
          Socket.discard(connections[slot].descriptor, count: index)
          guard let header else { continue }
          if case .source(let address, _) = header { connections[slot].http.address = address }
          connections[slot].proxyHeader = nil
          return true
        } catch {
          totals.proxyHeadersRefused += 1
          close(id, .badRequest)
          return false
        }
      case .wouldBlock: return false
      case .ended, .failed:
        close(id, .peerClosed)
        return false
      }
    }
  }
}
