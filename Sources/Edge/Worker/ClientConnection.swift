import EdgeCore
import HTTP
import HTTP2
import Primitives
import Reactor
import TLS

/// A connection of a worker: its protocol (``EdgeCore/HTTP1Connection``, or ``EdgeCore/HTTP2Connection`` once the client
/// has chosen it), and the channel of its bytes.
struct ClientConnection {
  /// The socket, which the worker closes; -1 for none.
  var descriptor: Int32 = -1
  var registration: EventLoop.Registration?
  /// The session of a TLS client, until it is handed over.
  var tls: TLSSession?
  /// The session of a TLS client whose records the edge seals itself.
  private var records: RecordSession?
  /// The parser of the PROXY header; nil if none is required, or once it is complete.
  var proxyHeader: ProxyHeaderParser?
  /// The TLS context for the handshake, until that begins.
  var context: TLSContext?
  var http = HTTP1Connection()
  /// What has arrived of the preface of HTTP/2, while the protocol is not known; nil once it is.
  var preface: ConnectionPreface?
  /// The connection's streams and frames; nil in HTTP/1.
  var http2: HTTP2Connection?

  /// Takes ownership of a socket.
  init(
    _ descriptor: consuming FileDescriptor, from address: SocketAddress?, _ listenerOptions: ListenerOptions
  ) {
    self.descriptor = descriptor.release()
    context = listenerOptions.secure?.current
    http = HTTP1Connection(
      entrance: listenerOptions.entrance,
      from: address?.networkBytes.flatMap { NetworkAddress(networkOrder: $0) })
  }

  private init() {}

  /// The content of a free slot.
  static var vacant: ClientConnection { ClientConnection() }

  /// Whether bytes can be read: false before a handshake is complete. A PROXY header comes before it.
  var isEstablished: Bool { proxyHeader != nil || tls?.isEstablished ?? (context == nil) }

  /// Whether closing the connection loses nothing: see ``EdgeCore/HTTP1Connection/isIdle``.
  var isIdle: Bool { http2?.isIdle ?? http.isIdle }

  /// Whether the socket has not taken all bytes that are meant for it.
  var isWriting: Bool { http2?.isOwing ?? http.isWriting }

  /// The channel of the bytes, once the connection is established. This is the only place that distinguishes plain
  /// clients from TLS clients.
  var channel: any ClientChannel {
    if let tls { tls } else if let records { records } else { PlainChannel(socket: descriptor) }
  }

  /// Frees OpenSSL's object of a TLS client that begins to stream, if its keys are enough from now on.
  ///
  /// - Returns: whether they are.
  mutating func handOver(to ciphers: RecordCiphers) -> Bool {
    guard let tls else { return false }
    guard let session = tls.handOver(to: ciphers) else {
      // It is not tried again.
      tls.staysWithOpenSSL()
      return false
    }
    records = session
    self.tls = nil
    return true
  }
}
