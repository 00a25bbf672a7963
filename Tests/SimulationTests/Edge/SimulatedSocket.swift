import EdgeCore

/// A client's socket at its worker, and the machine of its connection.
final class SimulatedSocket {
  let id: ConnectionID
  let end: End<[UInt8]>
  /// The session of a TLS client.
  var tls: SimulatedTLS?
  var http: HTTP1Connection
  /// Whether it took less than it was offered, and will report when there is room again.
  var isShort = false

  init(id: ConnectionID, end: End<[UInt8]>, address: NetworkAddress?, isSecure: Bool) {
    self.id = id
    self.end = end
    tls = isSecure ? SimulatedTLS() : nil
    http = HTTP1Connection(entrance: isSecure ? .secure : .plain, from: address)
  }

  /// Whether bytes can be read: false during a handshake.
  var isEstablished: Bool { tls?.isEstablished ?? true }

  /// Writes as many bytes as fit, from an index on.
  func send(_ bytes: [UInt8], from start: Int) -> Int {
    let count = end.offer(bytes, from: start)
    if start + count < bytes.count { isShort = true }
    return count
  }
}
