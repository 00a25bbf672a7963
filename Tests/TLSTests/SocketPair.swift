import Glibc
import TLS
import Testing

/// Two connected non-blocking stream sockets, with the operations of a driver.
final class SocketPair {
  private(set) var client: Int32
  private(set) var server: Int32

  init(sendBuffer: Int32? = nil) throws {
    var descriptors: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(unsafe socketpair(AF_UNIX, type, 0, &descriptors) == 0)
    (client, server) = (descriptors[0], descriptors[1])
    guard var sendBuffer else { return }
    let size = socklen_t(MemoryLayout<Int32>.size)
    for descriptor in descriptors {
      try #require(unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &sendBuffer, size) == 0)
    }
  }

  deinit {
    closeClient()
    closeServer()
  }

  /// Closes the client's end, as the end of its process would.
  func closeClient() {
    if client >= 0 { close(client) }
    client = -1
  }

  /// Closes the server's end, as the end of its process would.
  func closeServer() {
    guard server >= 0 else { return }
    // A process that another test is starting at this moment has a copy of the descriptor for a while.
    shutdown(server, Int32(SHUT_RDWR))
    close(server)
    server = -1
  }

  /// The first bytes that a client sends.
  static func hello(of context: TLSContext, name: String) throws -> [UInt8] {
    let sockets = try SocketPair()
    let session = try TLSSession(connecting: sockets.client, to: #require(ServerName(name)), context: context)
    try #require(session.handshake() == .wantsRead)
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe read(sockets.server, &bytes, bytes.count)
    try #require(count > 0)
    return Array(bytes.prefix(count))
  }

  /// True if bytes from the server wait at the client's socket.
  var hasBytesForClient: Bool {
    var byte: UInt8 = 0
    return unsafe recv(client, &byte, 1, Int32(MSG_PEEK)) > 0
  }

  /// Sends bytes without TLS.
  func sendRaw(_ bytes: [UInt8], from descriptor: Int32) throws {
    try #require(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
  }
}

/// Both ends of a connection after the handshake has gone as far as it can.
struct Meeting {
  let sockets: SocketPair
  let server: TLSSession
  let client: TLSSession
  let serverResult: TLSSession.HandshakeResult
  let clientResult: TLSSession.HandshakeResult

  /// Connects a client to a server and continues the handshake until neither side waits for the other.
  init(
    server serverContext: TLSContext, client clientContext: TLSContext, name: String = "localhost",
    sendBuffer: Int32? = nil
  ) throws {
    sockets = try SocketPair(sendBuffer: sendBuffer)
    server = try TLSSession(accepting: sockets.server, context: serverContext)
    let serverName = try #require(ServerName(name))
    client = try TLSSession(connecting: sockets.client, to: serverName, context: clientContext)
    var clientResult = client.handshake()
    var serverResult = server.handshake()
    // Three flights in each direction are more than any handshake needs.
    for _ in 0..<3 {
      clientResult = client.handshake()
      serverResult = server.handshake()
    }
    self.clientResult = clientResult
    self.serverResult = serverResult
  }

  /// The reason why the server refused the client; nil if it did not.
  var serverReason: TLSFailure.Reason? { serverResult.failure?.reason }

  /// The reason why the client refused the server; nil if it did not.
  var clientReason: TLSFailure.Reason? { clientResult.failure?.reason }
}

extension TLSSession.HandshakeResult {
  var failure: TLSFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

extension TLSSession.ReadResult {
  var failure: TLSFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

extension TLSWriteHalf.WriteResult {
  var failure: TLSFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

extension TLSSession {
  /// Writes as much as the socket accepts at once.
  func send(_ bytes: some Collection<UInt8>) -> TLSWriteHalf.WriteResult {
    let array = Array(bytes)
    return unsafe array.withUnsafeBytes { unsafe output.write($0) }
  }

  /// Reads up to `limit` bytes at once.
  func receive(_ limit: Int = 65_536) -> (result: ReadResult, bytes: [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: limit)
    let result = unsafe buffer.withUnsafeMutableBytes { unsafe read(into: $0) }
    guard case .bytes(let count) = result else { return (result, []) }
    return (result, Array(buffer.prefix(count)))
  }
}
