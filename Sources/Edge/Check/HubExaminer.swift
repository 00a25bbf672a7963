import Primitives
import Reactor
import TLS
import Transport

/// Connects to a hub as an edge does, up to where a link would begin, and looks whether each accepts the other's certificate.
///
/// It says no hello: that would take the place of a link that an edge of this name may have.
final class HubExaminer: ConnectionDelegate {
  /// How long a hub may take to refuse us once the handshake is complete: with TLS 1.3 that comes later.
  private static let refusalTime = Duration.milliseconds(500)

  private let loop: EventLoop
  private let network: Network
  private var connection: Connection?
  /// What is wrong; nil if nothing is.
  private(set) var problem: String? = "no answer"
  /// What the hub's certificate says.
  private(set) var certificate: Certificate?

  private init(_ endpoint: Endpoint, name: ServerName, context: TLSContext) throws {
    loop = try EventLoop()
    network = try Network(on: loop)
    connection = Connection(to: endpoint, on: network, security: .tlsClient(context, name), delegate: self)
    loop.run()
    connection?.close()
  }

  /// Tries it, for 5 s at most once its name is known.
  static func examine(_ endpoint: Endpoint, name: ServerName, context: TLSContext) throws -> HubExaminer {
    try HubExaminer(endpoint, name: name, context: context)
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
