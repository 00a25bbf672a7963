import Glibc
import Primitives
import TLS
import Testing
import Transport

@testable import Reactor

/// The kinds of connection.
enum Carrier: CaseIterable {
  case tcp, unix, tls
}

/// A listener and its client, on one loop.
///
/// A registered connection and its loop retain each other: each test closes its connections, or leaves them to the
/// end of the process.
final class Meeting {
  let loop: EventLoop
  let network: Network
  let address: SocketAddress
  /// The delegate of the accepted connection.
  let server = ConnectionRecorder()
  /// The delegate of the dialled connection.
  let client = ConnectionRecorder()
  private(set) var accepted: Connection?
  private(set) var dialled: Connection?
  private(set) var silentAtFirst = true

  private let serverSecurity: Security
  private let clientSecurity: Security
  private var listener: Listener?

  init(
    over carrier: Carrier = .tcp, server serverSecurity: Security? = nil,
    client clientSecurity: Security? = nil,
    handshakeLimit: Duration = .seconds(5)
  ) throws {
    loop = try EventLoop()
    network = try Network(on: loop)
    if carrier == .tls {
      let certificates = try CertificateFolder.shared()
      self.serverSecurity = try serverSecurity ?? .tlsServer(certificates.hub())
      self.clientSecurity =
        try clientSecurity ?? .tlsClient(certificates.edge(), #require(ServerName("localhost")))
    } else {
      (self.serverSecurity, self.clientSecurity) = (.plain, .plain)
    }
    let socket: ListeningSocket
    if carrier == .unix {
      let path = "/tmp/transport-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))"
      socket = try ListeningSocket(on: #require(SocketAddress(unixPath: path)))
    } else {
      socket = try ListeningSocket(on: #require(SocketAddress(numericHost: "127.0.0.1", port: 0)))
    }
    address = socket.address
    listener = try Listener(
      socket, on: loop,
      accepted: { [weak self] descriptor, address in
        guard let self else { return }
        accepted = Connection(
          accepted: descriptor, from: address, on: network, security: self.serverSecurity,
          handshakeLimit: handshakeLimit, delegate: server)
        silentAtFirst = server.isSilent
      }, acceptFailed: { Issue.record("\($0)") })
  }

  deinit { listener?.close() }

  var endpoint: Endpoint {
    address.family == .unix ? .unix(path: address.host) : .tcp(host: address.host, port: address.port)
  }

  /// Starts to connect.
  @discardableResult
  func dial(within limit: Duration = .seconds(5)) -> Connection {
    let connection = Connection(
      to: endpoint, on: network, security: clientSecurity, within: limit, delegate: client)
    dialled = connection
    return connection
  }

  /// Connects, and waits until both ends are open.
  func open() throws -> (accepted: Connection, dialled: Connection) {
    dial()
    try loop.turn { server.openings == 1 && client.openings == 1 }
    return (try #require(accepted), try #require(dialled))
  }

  /// Connects a plain socket, for behaviour that a `Connection` does not have.
  func rawClient() throws -> FileDescriptor {
    let socket = try Socket.make(for: address)
    try Socket.connect(socket.number, to: address)
    return socket
  }

  /// Releases the connections, as an owner does.
  func forget() { (accepted, dialled) = (nil, nil) }
}

/// Appends all readable bytes of a descriptor to those read before, and returns why it stopped.
@discardableResult
func read(from descriptor: Int32, onto bytes: inout [UInt8]) -> TransferResult {
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let result = unsafe buffer.withUnsafeMutableBytes { unsafe Socket.receive(descriptor, into: $0) }
    guard case .moved(let count) = result else { return result }
    bytes += buffer.prefix(count)
  }
}

extension Meeting {
  /// Another connection on the same loop; the test holds its far end.
  final class Bystander {
    let recorder = ConnectionRecorder()
    let far: FileDescriptor
    let connection: Connection

    init(on network: Network) throws {
      var numbers: [Int32] = [-1, -1]
      let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      try #require(unsafe socketpair(AF_UNIX, type, 0, &numbers) == 0)
      far = FileDescriptor(owning: numbers[1])
      connection = Connection(
        accepted: FileDescriptor(owning: numbers[0]), from: nil, on: network, security: .plain,
        delegate: recorder)
    }
  }
}
