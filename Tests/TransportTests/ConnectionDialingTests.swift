import Glibc
import Primitives
import TLS
import Testing
import Transport

@testable import Reactor

@Suite("Connecting")
struct ConnectionDialingTests {
  let loop: EventLoop
  let network: Network
  let recorder = ConnectionRecorder()

  init() throws {
    loop = try EventLoop()
    network = try Network(on: loop)
  }

  /// Dials and waits for what comes of it.
  private func end(
    of endpoint: Endpoint, security: Security = .plain, within limit: Duration = .seconds(5)
  ) throws -> DisconnectReason? {
    let connection = Connection(
      to: endpoint, on: network, security: security, within: limit, delegate: recorder)
    #expect(recorder.isSilent)
    try loop.turn { !recorder.ends.isEmpty || recorder.openings > 0 }
    #expect(connection.isAlive == recorder.ends.isEmpty)
    #expect(recorder.ends.count <= 1)
    return recorder.ends.first
  }

  /// A bound socket on loopback, on which nobody listens yet.
  private func boundSocket() throws -> (FileDescriptor) {
    let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    let socket = try Socket.make(for: address)
    try #require(unsafe address.withSockaddr { unsafe bind(socket.number, $0, $1) } == 0)
    return socket
  }

  private func endpoint(of socket: borrowing FileDescriptor) throws -> Endpoint {
    .tcp(host: "127.0.0.1", port: try #require(Socket.localAddress(of: socket.number)).port)
  }

  @Test("A port on which nobody listens refuses")
  func refused() throws {
    let socket = try boundSocket()
    #expect(try end(of: endpoint(of: socket)) == .system(SystemError(call: "connect", code: ECONNREFUSED)))
  }

  @Test("A unix socket that is not there is an error")
  func missingSocket() throws {
    let reason = try end(of: .unix(path: "/nowhere/at/all"))
    #expect(reason == .system(SystemError(call: "connect", code: ENOENT)))
    #expect(reason?.description == "connect: No such file or directory")
  }

  @Test("A unix socket's path that is too long is an error")
  func longPath() throws {
    let reason = try end(of: .unix(path: "/" + String(repeating: "a", count: 107)))
    #expect(reason == .system(SystemError(call: "connect", code: ENAMETOOLONG)))
  }

  @Test("A name is resolved, and its addresses are tried in turn")
  func name() throws {
    // Only one of the addresses that localhost may have listens.
    let meeting = try Meeting()
    let endpoint = Endpoint.tcp(host: "localhost", port: meeting.address.port)
    let connection = Connection(to: endpoint, on: meeting.network, security: .plain, delegate: recorder)
    try meeting.loop.turn { recorder.openings == 1 || !recorder.ends.isEmpty }
    #expect(recorder.openings == 1)
    #expect(connection.remoteAddress == meeting.address)
    connection.close()
  }

  @Test("If all addresses of a name refuse, that is the reason")
  func nameRefused() throws {
    let socket = try boundSocket()
    let port = try #require(Socket.localAddress(of: socket.number)).port
    let reason = try end(of: .tcp(host: "localhost", port: port))
    guard case .system(let error) = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
    // A machine without IPv6 says that it cannot reach ::1.
    #expect([ECONNREFUSED, EADDRNOTAVAIL, ENETUNREACH].contains(error.code))
  }

  @Test("A name that cannot be resolved is the reason")
  func unresolved() throws {
    // A label has 63 bytes at most: no name server is asked.
    let host = String(repeating: "a", count: 64)
    guard case .unresolved(let error) = try end(of: .tcp(host: host, port: 1)) else {
      Issue.record("\(recorder.ends)")
      return
    }
    #expect(error.host == host)
    #expect(DisconnectReason.unresolved(error).description.hasPrefix("name not resolved: aaaa"))
  }

  @Test("A peer that does not answer is given up in time")
  func noAnswer() throws {
    let socket = try boundSocket()
    try #require(listen(socket.number, 0) == 0)
    let address = try #require(Socket.localAddress(of: socket.number))
    // The kernel completes one connection or two that nobody accepts, and lets the next ones wait.
    var waiting: [Int32] = []
    defer { for number in waiting { close(number) } }
    for _ in 0..<3 {
      let client = try Socket.make(for: address)
      try Socket.connect(client.number, to: address)
      waiting.append(client.release())
    }
    #expect(try end(of: endpoint(of: socket), within: .milliseconds(50)) == .timedOut)
  }

  @Test("A server that shakes no hands is given up in time")
  func noHandshake() throws {
    let socket = try boundSocket()
    try #require(listen(socket.number, 8) == 0)
    let security = Security.tlsClient(
      try CertificateFolder.shared().edge(), try #require(ServerName("localhost")))
    #expect(try end(of: endpoint(of: socket), security: security, within: .milliseconds(50)) == .timedOut)
  }

  @Test("A server that hangs up instead of shaking hands is a reset")
  func hangsUp() throws {
    let listening = try ListeningSocket(on: #require(SocketAddress(numericHost: "127.0.0.1", port: 0)))
    let listener = try Listener(listening, on: loop, accepted: { _, _ in }, acceptFailed: { _ in })
    let security = Security.tlsClient(
      try CertificateFolder.shared().edge(), try #require(ServerName("localhost")))
    let reason = try end(of: .tcp(host: "127.0.0.1", port: listening.address.port), security: security)
    guard case .tls(let failure) = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
    #expect(failure.reason == .reset)
    listener.close()
  }

  @Test("Closed while it connects, it tells nobody, and the peer sees no more of it")
  func closedWhileConnecting() throws {
    let meeting = try Meeting(over: .tls)
    let early = meeting.dial()
    early.close()
    meeting.loop.poll()
    #expect(meeting.accepted == nil)
    let late = meeting.dial()
    // After the first turn the connect is under way.
    meeting.loop.poll()
    late.close()
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(meeting.client.isSilent)
    #expect(meeting.server.openings == 0)
  }

  @Test("Forgotten while it connects, it is gone, and its socket with it")
  func forgottenWhileConnecting() throws {
    let meeting = try Meeting()
    weak let observed = meeting.dial()
    meeting.loop.poll()
    meeting.forget()
    #expect(observed == nil)
    try meeting.loop.turn { meeting.server.ends == [.peerClosed] }
    #expect(meeting.client.isSilent)
  }
}
