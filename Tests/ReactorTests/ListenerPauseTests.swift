import Glibc
import Primitives
import Testing

@testable import Reactor

@Suite("A listener that pauses")
struct ListenerPauseTests {
  let loop: EventLoop
  let anyPort: SocketAddress

  init() throws {
    loop = try EventLoop()
    anyPort = try .anyPort()
  }

  /// Whether the kernel refuses a connection; locally it does so at once.
  private func isRefused(_ address: SocketAddress) throws -> Bool {
    let socket = try connect(to: address)
    return Socket.pendingError(of: socket.number) != nil
  }

  @Test("It accepts waiting connections, refuses new ones, and accepts again when resumed")
  func pause() throws {
    var count = 0
    let listener = try Listener(
      ListeningSocket(on: anyPort, sharesPort: true), on: loop, accepted: { _, _ in count += 1 },
      acceptFailed: { Issue.record("\($0)") })
    let waiting = try (0..<100).map { _ in try connect(to: listener.address).release() }
    listener.pause()
    try loop.turn { !listener.isPausing }
    #expect(count == 100)
    #expect(try isRefused(listener.address))
    listener.pause()
    #expect(!listener.isPausing)
    try listener.resume()
    try listener.resume()
    let client = try connect(to: listener.address)
    try loop.turn { count == 101 }
    #expect(Socket.pendingError(of: client.number) == nil)
    listener.close(takingWaiting: true)
    #expect(throws: Never.self) { try listener.resume() }
    try loop.turn { !listener.isPausing }
    #expect(try isRefused(listener.address))
    for descriptor in waiting { _ = FileDescriptor(owning: descriptor) }
  }

  @Test("A client that begins to connect while it leaves reaches the remaining listener")
  func leaving() throws {
    var counts = [0, 0]
    let first = try Listener(
      ListeningSocket(on: anyPort, sharesPort: true), on: loop, accepted: { _, _ in counts[0] += 1 },
      acceptFailed: { _ in })
    first.pause()
    let second = try Listener(
      ListeningSocket(on: first.address, sharesPort: true), on: loop, accepted: { _, _ in counts[1] += 1 },
      acceptFailed: { _ in })
    let clients = try (0..<20).map { _ in try connect(to: first.address).release() }
    try loop.turn { counts[1] == 20 }
    #expect(counts[0] == 0 && !first.isPausing)
    for descriptor in clients {
      #expect(Socket.pendingError(of: descriptor) == nil)
      _ = FileDescriptor(owning: descriptor)
    }
    second.close()
  }

  @Test("A pause cancelled early accepts the clients that came meanwhile")
  func calledOff() throws {
    var count = 0
    let listener = try Listener(
      ListeningSocket(on: anyPort, sharesPort: true), on: loop, accepted: { _, _ in count += 1 },
      acceptFailed: { _ in })
    listener.pause()
    let client = try connect(to: listener.address)
    loop.poll()
    #expect(count == 0)
    try listener.resume()
    #expect(!listener.isPausing)
    try loop.turn { count == 1 }
    #expect(Socket.pendingError(of: client.number) == nil)
    listener.close()
  }

  @Test("Another socket on its port gets all clients meanwhile")
  func shared() throws {
    var counts = [0, 0]
    let first = try Listener(
      ListeningSocket(on: anyPort, sharesPort: true), on: loop, accepted: { _, _ in counts[0] += 1 },
      acceptFailed: { _ in })
    #expect(ListeningSocket.isInUse(first.address))
    let second = try Listener(
      ListeningSocket(on: first.address, sharesPort: true), on: loop, accepted: { _, _ in counts[1] += 1 },
      acceptFailed: { _ in })
    first.pause()
    try loop.turn { !first.isPausing }
    let clients = try (0..<20).map { _ in try connect(to: first.address).release() }
    try loop.turn { counts[1] == 20 }
    #expect(counts[0] == 0)
    for descriptor in clients { _ = FileDescriptor(owning: descriptor) }
    first.close()
    second.close(takingWaiting: true)
    try loop.turn { !second.isPausing }
    #expect(!ListeningSocket.isInUse(first.address))
  }

  @Test("A passed socket and its waiting clients are left for its successor")
  func passed() throws {
    let socket = try ListeningSocket(on: anyPort)
    let ours = ListeningSocket(passed: FileDescriptor(owning: dup(socket.number)), on: socket.address)
    let listener = try Listener(
      ours, on: loop, accepted: { _, _ in Issue.record("accepted") }, acceptFailed: { _ in })
    let client = try connect(to: socket.address)
    listener.close(takingWaiting: true)
    var count = 0
    let successor = try Listener(
      socket, on: loop, accepted: { _, _ in count += 1 }, acceptFailed: { _ in })
    try loop.turn { count == 1 }
    #expect(Socket.pendingError(of: client.number) == nil)
    successor.close()
  }
}
