import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS

/// One connection of a worker: what it says (``EdgeCore/HTTP1Connection``), and by what its bytes come and go.
struct ClientConnection {
  /// The socket, which the worker closes; -1 for none.
  var descriptor: Int32 = -1
  var registration: EventLoop.Registration?
  /// The session, for a client within TLS.
  var tls: TLSSession?
  /// The PROXY header that is awaited; nil where none is, or it has come.
  var proxyHeader: ProxyHeaderParser?
  /// The TLS that begins behind it.
  var context: TLSContext?
  var http = HTTP1Connection()

  /// Takes a socket over.
  init(_ descriptor: consuming FileDescriptor, from address: SocketAddress?, _ wrapping: Wrapping) {
    self.descriptor = descriptor.release()
    context = wrapping.secure?.current
    http = HTTP1Connection(
      entrance: wrapping.entrance,
      from: address?.networkBytes.flatMap { NetworkAddress(networkOrder: $0) })
  }

  private init() {}

  /// What a free slot holds.
  static var vacant: ClientConnection { ClientConnection() }

  /// Whether its bytes can be read: no handshake is awaited.
  var isEstablished: Bool { tls?.isEstablished ?? true }

  /// By what its bytes go, once it is established. Here, and nowhere else, plain clients and those within TLS part.
  var channel: any ClientChannel {
    if let tls { tls } else { descriptor }
  }
}
