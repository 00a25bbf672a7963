import Glibc
import Primitives
import Testing

@testable import Reactor

@Suite("Socket calls")
struct SocketTests {
  @Test("Reading distinguishes bytes, nothing yet, the end and a broken connection")
  func receive() throws {
    let pair = try StreamPair()
    pair.sendFromFar([1, 2, 3])
    #expect(received(from: pair.near).bytes == [1, 2, 3])
    #expect(received(from: pair.near).end == .wouldBlock)
    Socket.shutdownWriting(pair.far)
    #expect(received(from: pair.near).end == .ended)
    // A peer that closes with unread bytes resets the connection.
    #expect(Socket.send(pair.near, [4]) == .moved(1))
    pair.closeFar()
    #expect(received(from: pair.near).end == .failed(SystemError(call: "recv", code: ECONNRESET)))
  }

  @Test(
    "Writing starts at the given index, writes what fits, and reports a broken connection without a signal")
  func send() throws {
    let pair = try StreamPair()
    #expect(Socket.send(pair.near, [1, 2, 3, 4], from: 2) == .moved(2))
    #expect(received(from: pair.far).bytes == [3, 4])
    pair.fill()
    #expect(Socket.send(pair.near, [1]) == .wouldBlock)
    pair.closeFar()
    #expect(Socket.send(pair.near, [1]) == .failed(SystemError(call: "send", code: EPIPE)))
  }

  @Test("Writing to many sockets reports incomplete writes by index")
  func sendToEach() throws {
    let pairs = try (0..<5).map { _ in try StreamPair() }
    pairs[1].fill()
    pairs[3].closeFar()
    let bytes = Array("data:1F600\n\n".utf8)
    var short: [Int: TransferResult] = [:]
    Socket.send(bytes, toEach: pairs.map(\.near)[...]) { short[$0] = $1 }
    #expect(short == [1: .wouldBlock, 3: .failed(SystemError(call: "send", code: EPIPE))])
    for index in [0, 2, 4] { #expect(received(from: pairs[index].far).bytes == bytes) }
  }

  @Test("A limited send buffer accepts little more")
  func limitedSendBuffer() throws {
    let pair = try StreamPair()
    Socket.limitSendBuffer(pair.near, to: 16 * 1_024)
    let chunk = [UInt8](repeating: 7, count: 1_024)
    var taken = 0
    while case .moved(let count) = Socket.send(pair.near, chunk) { taken += count }
    #expect((1_024...64 * 1_024).contains(taken), "\(taken)")
  }

  @Test("A partial write returns its size")
  func partialSend() throws {
    let pair = try StreamPair()
    let bytes = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var taken = 0
    Socket.send(bytes, toEach: [pair.near][...]) { index, result in
      if case .moved(let count) = result { taken = count }
    }
    #expect(0 < taken && taken < bytes.count)
    #expect(received(from: pair.far).bytes == Array(bytes.prefix(taken)))
  }

  @Test("A connection without a listener is refused, at once or when the socket becomes writable")
  func refusedConnection() throws {
    let loop = try EventLoop()
    let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    // The port is bound, but has no listener.
    let bound = try Socket.make(for: address)
    try #require(unsafe address.withSockaddr { unsafe bind(bound.number, $0, $1) } == 0)
    let socket = try Socket.make(for: address)
    try Socket.connect(socket.number, to: #require(Socket.localAddress(of: bound.number)))
    let recorder = ReadinessRecorder()
    let registration = try loop.register(socket.number, for: .writable, handler: recorder)
    try loop.turn { !recorder.tokens.isEmpty }
    loop.deregister(registration, of: socket.number)
    #expect(Socket.pendingError(of: socket.number) == SystemError(call: "connect", code: ECONNREFUSED))
    #expect(Socket.pendingError(of: socket.number) == nil, "it is taken")
  }

  @Test("A connection to a missing unix socket fails at once")
  func missingUnixSocket() throws {
    let address = try #require(SocketAddress(unixPath: "/nowhere/at/all"))
    let socket = try Socket.make(for: address)
    #expect(throws: SystemError(call: "connect", code: ENOENT)) {
      try Socket.connect(socket.number, to: address)
    }
  }

  private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
    var value: Int32 = -1
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, level, name, &value, &size) == 0 ? value : -1
  }

  @Test("A dead peer is detected within the requested time, to the millisecond")
  func deadPeer() throws {
    let socket = try Socket.make(for: #require(SocketAddress(numericHost: "::1", port: 1)))
    Socket.disableNagle(socket.number)
    Socket.detectDeadPeer(socket.number, after: .milliseconds(2_500))
    #expect(option(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
    #expect(option(socket.number, SOL_SOCKET, SO_KEEPALIVE) == 1)
    #expect(option(socket.number, Int32(IPPROTO_TCP), 18) == 2_500, "TCP_USER_TIMEOUT")
  }

  @Test("A new socket does not block and does not outlive an exec")
  func flags() throws {
    let socket = try Socket.make(for: #require(SocketAddress(numericHost: "127.0.0.1", port: 1)))
    #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(socket.number, F_GETFD) & FD_CLOEXEC != 0)
  }
}
