import EdgeCore

/// A client's socket at its worker, and the machine of its connection.
final class SimulatedSocket {
  let id: ConnectionID
  let end: End<[UInt8]>
  var http: HTTP1Connection
  /// Whether it took less than it was offered, and will report when there is room again.
  var isShort = false

  init(id: ConnectionID, end: End<[UInt8]>, address: NetworkAddress?) {
    self.id = id
    self.end = end
    http = HTTP1Connection(from: address)
  }

  /// Writes as many bytes as fit, from an index on.
  func send(_ bytes: [UInt8], from start: Int) -> Int {
    let count = end.offer(bytes, from: start)
    if start + count < bytes.count { isShort = true }
    return count
  }
}
