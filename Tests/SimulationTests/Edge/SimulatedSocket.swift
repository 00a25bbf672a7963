import EdgeCore
import HTTP2

/// A client's socket at its worker, and the machine of its connection.
final class SimulatedSocket {
  let id: ConnectionID
  let end: End<[UInt8]>
  /// The session of a TLS client.
  var tls: SimulatedTLS?
  var http: HTTP1Connection
  /// What has arrived of a preface; nil once it is known which protocol the client speaks. TLS clients speak HTTP/1.
  var preface: ConnectionPreface?
  /// The connection of HTTP/2; nil in HTTP/1.
  var http2: HTTP2Connection?
  /// Whether it took less than it was offered, and will report when there is room again.
  var isShort = false

  init(id: ConnectionID, end: End<[UInt8]>, address: NetworkAddress?, isSecure: Bool) {
    self.id = id
    self.end = end
    tls = isSecure ? SimulatedTLS() : nil
    preface = isSecure ? nil : ConnectionPreface()
    http = HTTP1Connection(entrance: isSecure ? .secure : .plain, from: address)
  }

  /// Whether bytes can be read: false during a handshake.
  var isEstablished: Bool { tls?.isEstablished ?? true }

  /// Whether closing the connection loses nothing.
  var isIdle: Bool { http2?.isIdle ?? http.isIdle }

  /// Whether not all bytes that are meant for the client were taken.
  var isWriting: Bool { http2?.isOwing ?? http.isWriting }

  /// Writes as many bytes as fit, from an index on.
  func send(_ bytes: [UInt8], from start: Int) -> Int {
    let count = end.offer(bytes, from: start)
    if start + count < bytes.count { isShort = true }
    return count
  }

  /// The number of an exchange in the audit.
  func number(of exchange: ExchangeID) -> Int { auditNumber(end.number, stream: exchange.stream) }
}

/// The way of an HTTP/2 connection's bytes to its socket.
struct SimulatedOutput: HTTP2Output {
  unowned let socket: SimulatedSocket

  func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome { .accepted(socket.send(bytes, from: start)) }
}

/// The way to one client: a socket, or a stream of HTTP/2.
enum SimulatedChannel {
  case socket(SimulatedSocket)
  case stream(HTTP2Stream)

  func write(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    switch self {
    case .socket(let socket): .accepted(socket.send(bytes, from: start))
    case .stream(let stream): stream.write(bytes, from: start)
    }
  }
}
