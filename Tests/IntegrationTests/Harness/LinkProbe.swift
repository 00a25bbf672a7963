import Foundation
import Primitives
import Reactor
import TLS
import Transport
import Wire

/// The result of connecting to a hub's link without being a regular edge.
struct LinkProbe {
  /// Everything that the hub sent, without TLS.
  let received: [UInt8]
  /// Why the connection ended.
  let reason: String

  /// Connects with a certificate, or without one, sends some bytes, and waits until the hub ends the connection.
  init(
    to address: SocketAddress, certificate: String?, in folder: URL, sending bytes: [UInt8],
    within limit: Duration = .seconds(15)
  ) throws {
    let authority = try TestRun.shared().ours.appending(path: "ca.pem").path
    let identity = try certificate.map {
      try Identity(
        certificateFile: folder.appending(path: "\($0).pem").path,
        keyFile: folder.appending(path: "\($0).key").path)
    }
    let context = try TLSContext(
      policy: .linkClient(alpn: RelayProtocol.applicationProtocolName), identity: identity,
      authority: .file(authority))
    guard let name = ServerName(address.host) else {
      throw TimedOut(description: "\(address.host) is no name")
    }
    let loop = try EventLoop()
    let owner = ProbeOwner(loop, bytes)
    let connection = Connection(
      to: .tcp(host: address.host, port: address.port), on: try Network(on: loop),
      security: .tlsClient(context, name),
      delegate: owner)
    loop.schedule(at: loop.now.advanced(by: limit)) { [loop] in loop.stop() }
    withExtendedLifetime((owner, connection)) { loop.run() }
    connection.close()
    guard let reason = owner.reason else {
      throw TimedOut(description: "the hub did not end the connection within \(limit)")
    }
    received = owner.received
    self.reason = reason
  }

  /// The messages that the hub sent.
  func messages() throws -> [Message] {
    var decoder = FrameDecoder(from: .hub)
    decoder.append(received.span)
    var messages: [Message] = []
    while let message = try decoder.next() { messages.append(message) }
    return messages
  }
}

private final class ProbeOwner: ConnectionDelegate {
  private let loop: EventLoop
  private let bytes: [UInt8]
  private(set) var received: [UInt8] = []
  private(set) var reason: String?

  init(_ loop: EventLoop, _ bytes: [UInt8]) {
    self.loop = loop
    self.bytes = bytes
  }

  func connectionOpened(_ connection: Connection) { connection.send(bytes) }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    for index in bytes.indices { received.append(bytes[index]) }
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    self.reason = "\(reason)"
    loop.stop()
  }
}
