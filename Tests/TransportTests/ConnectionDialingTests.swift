import Glibc
import Primitives
import TLS
import Testing

@testable import Reactor
@testable import Transport

@Suite("Connecting")
struct ConnectionDialingTests {
  let loop: EventLoop
  let network: Network
  let recorder = ConnectionRecorder()

  init() throws {
    loop = try EventLoop()
    network = try Network(on: loop)
  }

  /// Connects and waits for the result.
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

  /// A bound socket on loopback that does not listen yet.
  private func boundSocket() throws -> (FileDescriptor) {
    let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    let socket = try Socket.make(for: address)
    try #require(unsafe address.withSockaddr { unsafe bind(socket.number, $0, $1) } == 0)
    return socket
  }

  private func endpoint(of socket: borrowing FileDescriptor) throws -> Endpoint {
    .tcp(host: "127.0.0.1", port: try #require(Socket.localAddress(of: socket.number)).port)
  }

  @Test("A port without a listener refuses")
  func refused() throws {
    let socket = try boundSocket()
    #expect(try end(of: endpoint(of: socket)) == .system(SystemError(call: "connect", code: ECONNREFUSED)))
  }

  @Test("A missing unix socket is an error")
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
    // Only one of the possible addresses of localhost listens.
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
    let failures: [SystemError?] =
      switch reason {
      case .system(let error): [error]
      case .unreachable(let peer): peer.attempts.map(\.failure)
      default: []
      }
    #expect(!failures.isEmpty)
    // A machine without IPv6 reports ::1 as unreachable.
    for error in failures {
      #expect([ECONNREFUSED, EADDRNOTAVAIL, ENETUNREACH].contains(try #require(error).code))
    }
  }

  @Test("A name that cannot be resolved is the reason")
  func unresolved() throws {
    // A label has at most 63 bytes: no name server is asked.
    let host = String(repeating: "a", count: 64)
    guard case .unresolved(let error) = try end(of: .tcp(host: host, port: 1)) else {
      Issue.record("\(recorder.ends)")
      return
    }
    #expect(error.host == host)
    #expect(DisconnectReason.unresolved(error).description.hasPrefix("name not resolved: aaaa"))
  }

  /// A port that never answers: the kernel completes one or two connections that are not accepted, and lets further
  /// ones wait.
  private final class Swallower {
    let socket: FileDescriptor
    let address: SocketAddress
    private var waiting: [Int32] = []

    init(_ socket: consuming FileDescriptor) throws {
      let number = socket.number
      self.socket = socket
      address = try #require(Socket.localAddress(of: number))
      try #require(listen(number, 0) == 0)
      for _ in 0..<3 {
        let client = try Socket.make(for: address)
        try Socket.connect(client.number, to: address)
        waiting.append(client.release())
      }
    }

    deinit { for number in waiting { close(number) } }
  }

  @Test("A peer that does not answer is given up in time, and named")
  func noAnswer() throws {
    let swallower = try Swallower(boundSocket())
    let reason = try end(of: endpoint(of: swallower.socket), within: .milliseconds(50))
    let attempt = UnreachablePeer.Attempt(address: swallower.address, failure: nil)
    #expect(reason == .unreachable(UnreachablePeer(attempts: [attempt], untried: 0)))
    #expect(reason?.description == "no connection to \(swallower.address) (no answer)")
  }

  @Test("After an address that never answers, the next one connects a quarter of a second later")
  func race() throws {
    let swallower = try Swallower(boundSocket())
    let listening = try boundSocket()
    try #require(listen(listening.number, 1) == 0)
    let good = try #require(Socket.localAddress(of: listening.number))
    var winner: SocketAddress?
    let start = MonotonicClock.now()
    let dialer = Dialer(
      [swallower.address, good, swallower.address], on: loop,
      connected: { descriptor, address in
        winner = address
        #expect(Socket.pendingError(of: descriptor.number) == nil)
      }, failed: { Issue.record("\($0)") })
    dialer.start()
    try loop.turn { winner != nil }
    #expect(winner == good)
    #expect(start.duration(to: MonotonicClock.now()) >= .milliseconds(249))
    guard case .unreachable(let peer) = dialer.failure else {
      Issue.record("\(dialer.failure)")
      return
    }
    #expect(peer.attempts.map(\.address) == [swallower.address, good], "the third one was not needed")
  }

  @Test("An address that refuses is followed by the next one at once")
  func refusalIsFollowed() throws {
    let refusing = try boundSocket()
    let listening = try boundSocket()
    try #require(listen(listening.number, 1) == 0)
    let bad = try #require(Socket.localAddress(of: refusing.number))
    let good = try #require(Socket.localAddress(of: listening.number))
    var winner: SocketAddress?
    let dialer = Dialer(
      [bad, good], on: loop, connected: { _, address in winner = address },
      failed: { Issue.record("\($0)") })
    dialer.start()
    for _ in 0..<20 where winner == nil { loop.poll() }
    #expect(winner == good, "without waiting")
  }

  @Test("A released dialer closes its sockets, and does not call back")
  func forgottenDialer() throws {
    let listening = try boundSocket()
    try #require(listen(listening.number, 1) == 0)
    let address = try #require(Socket.localAddress(of: listening.number))
    var dialer: Dialer? = Dialer(
      [address], on: loop, connected: { _, _ in Issue.record("connected") },
      failed: { Issue.record("\($0)") })
    dialer?.start()
    let far = FileDescriptor(owning: accept(listening.number, nil, nil))
    dialer = nil
    var buffer = [UInt8](repeating: 0, count: 1)
    let end = unsafe buffer.withUnsafeMutableBytes {
      unsafe Socket.receive(far.number, into: $0, flags: Int32(MSG_DONTWAIT))
    }
    #expect(end == .ended)
    loop.poll()
  }

  @Test("A server without a handshake is given up in time")
  func noHandshake() throws {
    let socket = try boundSocket()
    try #require(listen(socket.number, 8) == 0)
    let security = Security.tlsClient(
      try CertificateFolder.shared().edge(), try #require(ServerName("localhost")))
    #expect(try end(of: endpoint(of: socket), security: security, within: .milliseconds(50)) == .timedOut)
  }

  @Test("A server that hangs up during the handshake counts as a reset")
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

  @Test("Closed while it connects, it does not call back, and the peer sees the end")
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

  @Test("Released while it connects, it is gone, and its socket with it")
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
