import Glibc
import Primitives
import Testing

@testable import Reactor
@testable import Transport

@Suite("Closing so that the last bytes arrive")
struct LingeringCloseTests {
  let loop: EventLoop
  let network: Network

  init() throws {
    loop = try EventLoop()
    network = try Network(on: loop)
  }

  /// Two ends of a TCP connection; only with TCP does a reset overtake bytes sent before.
  private func connect() throws -> (near: Int32, far: Int32) {
    let socket = try ListeningSocket(on: #require(SocketAddress(numericHost: "127.0.0.1", port: 0)))
    var near: Int32?
    let listener = try Listener(
      socket, on: loop, accepted: { descriptor, _ in near = descriptor.release() }, acceptFailed: { _ in })
    let far = try Socket.make(for: socket.address)
    try Socket.connect(far.number, to: socket.address)
    try loop.turn { near != nil }
    listener.close()
    return (try #require(near), far.release())
  }

  @Test("The peer reads all bytes, then the end, even if its own bytes were not read")
  func lastWords() throws {
    let (near, far) = try connect()
    defer { close(far) }
    #expect(Socket.send(far, [UInt8](repeating: 1, count: 100_000)) != .wouldBlock)
    #expect(Socket.send(near, [7, 7]) == .moved(2))
    LingeringClose.close(FileDescriptor(owning: near), on: network)
    var received: [UInt8] = []
    try loop.turn {
      loop.schedule(at: loop.now) {}
      return read(from: far, onto: &received) != .wouldBlock
    }
    #expect(received == [7, 7])
    #expect(read(from: far, onto: &received) == .ended)
  }

  @Test("A peer that never ends its side is cut off after a second")
  func limit() throws {
    let (near, far) = try connect()
    defer { close(far) }
    let start = MonotonicClock.now()
    LingeringClose.close(FileDescriptor(owning: near), on: network)
    // Bytes are read and dropped as long as the socket is open; then they are answered with a reset.
    try loop.turn {
      loop.schedule(at: loop.now.advanced(by: .milliseconds(20))) {}
      if case .failed = Socket.send(far, [1]) { return true }
      return false
    }
    let time = start.duration(to: MonotonicClock.now())
    #expect(.milliseconds(990) < time && time < .seconds(10))
  }
}
