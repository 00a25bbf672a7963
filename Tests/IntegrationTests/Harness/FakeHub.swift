import Foundation
import Reactor
import Synchronization
import TLS
import Transport
import Wire

/// A server with a hub's certificate that records the certificates of edges and sends nothing.
final class FakeHub: Sendable {
  private enum Order: Sendable { case stop }

  let port: UInt16
  private let mailbox: Mailbox<Order>
  private let seen = Mutex<[Certificate]>([])

  init() throws {
    let port = try TestRun.freePort()
    self.port = port
    let mailbox = try Mailbox<Order>()
    self.mailbox = mailbox
    let ours = try TestRun.shared().ours
    let context = try TLSContext.linkServer(
      identity: Identity(
        certificateFile: ours.appending(path: "hub.pem").path, keyFile: ours.appending(path: "hub.key").path),
      authority: ours.appending(path: "ca.pem").path, alpn: RelayProtocol.applicationProtocolName)
    try LoopThread.start("hub-imposter") { [self] in
      do {
        let loop = try EventLoop()
        let network = try Network(on: loop)
        let owner = ImposterOwner { [self] certificate in seen.withLock { $0.append(certificate) } }
        let listener = try Listener(
          ListeningSocket(on: .loopback(port)), on: loop,
          accepted: { descriptor, address in
            owner.connection = Connection(
              accepted: descriptor, from: address, on: network, security: .tlsServer(context), delegate: owner
            )
          }, acceptFailed: { _ in })
        try loop.receive(from: mailbox) { _ in loop.stop() }
        withExtendedLifetime((owner, listener)) { loop.run() }
      } catch {
        preconditionFailure("an imposter cannot start: \(error)")
      }
    }
  }

  deinit { mailbox.post(.stop) }

  /// The recorded certificates, in order.
  var certificates: [Certificate] { seen.withLock { $0 } }
}

private final class ImposterOwner: ConnectionDelegate {
  private let noted: (Certificate) -> Void
  var connection: Connection?

  init(_ noted: @escaping (Certificate) -> Void) { self.noted = noted }

  func connectionOpened(_ connection: Connection) {
    if let certificate = connection.peerCertificate { noted(certificate) }
    connection.close()
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {}
  func connectionProgressed(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {}
}
