import Primitives
import Reactor
import TLS
import Transport

/// Connects to a hub as an edge does, without beginning a link, and checks whether each side accepts the other's
/// certificate.
///
/// It sends no hello, because that would replace the link of a running edge with the same name.
final class HubPreflight: ConnectionDelegate {
  /// How long a hub may take to refuse our certificate after the handshake: with TLS 1.3 the refusal arrives later.
  private static let refusalTime = Duration.milliseconds(500)

  private let loop: EventLoop
  private let network: Network
  private var connection: Connection?
  /// The fault that was found; nil if there is none.
  private(set) var problem: String? = "no answer"
  /// The hub's certificate, once it was received.
  private(set) var certificate: Certificate?

  private init(_ endpoint: Endpoint, name: ServerName, context: TLSContext) throws {
    loop = try EventLoop()
    network = try Network(on: loop)
    connection = Connection(to: endpoint, on: network, security: .tlsClient(context, name), delegate: self)
    loop.run()
    connection?.close()
  }

  /// Tries one hub, for at most 5 s after its name is resolved.
  static func check(_ endpoint: Endpoint, name: ServerName, context: TLSContext) throws -> HubPreflight {
    try HubPreflight(endpoint, name: name, context: context)
  }

  func connectionOpened(_ connection: Connection) {
    certificate = connection.peerCertificate
    problem = nil
    loop.schedule(at: loop.now.advanced(by: Self.refusalTime)) { [loop] in loop.stop() }
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {}
  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    problem = "\(reason)"
    loop.stop()
  }
}
