import Glibc
import Primitives
import Testing

@testable import Reactor

@Suite("A listener")
struct ListenerTests {
  let loop: EventLoop
  let anyPort: SocketAddress

  init() throws {
    loop = try EventLoop()
    anyPort = try .anyPort()
  }

  @Test("It accepts on the port that the kernel chose, and gives the peer's address")
  func accepts() throws {
    let socket = try ListeningSocket(on: anyPort)
    #expect(socket.address.port != 0)
    var peers: [SocketAddress?] = []
    var isNonBlocking = false
    let listener = try Listener(
      socket, on: loop,
      accepted: { descriptor, address in
        peers.append(address)
        isNonBlocking = fcntl(descriptor.number, F_GETFL) & O_NONBLOCK != 0
      }, acceptFailed: { Issue.record("\($0)") })
    #expect(listener.address == socket.address)
    let client = try connect(to: listener.address)
    try loop.turn { !peers.isEmpty }
    #expect(peers == [Socket.localAddress(of: client.number)])
    #expect(isNonBlocking)
    listener.close()
  }

  @Test("A port that is taken is refused, with the address and the reason; shared, it is not")
  func sharedPort() throws {
    let first = try ListeningSocket(on: anyPort, sharesPort: true)
    let error = #expect(throws: ListenError.self) { try ListeningSocket(on: first.address) }
    #expect(error?.description == "cannot listen on \(first.address): bind: Address already in use")
    let second = try ListeningSocket(on: first.address, sharesPort: true)
    #expect(second.address == first.address)

    // The kernel spreads connections by a hash of their ports: forty on one side are practically impossible.
    var counts = [0, 0]
    var listeners: [Listener] = []
    for (index, socket) in [first, second].enumerated() {
      listeners.append(
        try Listener(socket, on: loop, accepted: { _, _ in counts[index] += 1 }, acceptFailed: { _ in }))
    }
    var clients: [Int32] = []
    for _ in 0..<40 { clients.append(try connect(to: first.address).release()) }
    defer { for client in clients { close(client) } }
    try loop.turn { counts[0] + counts[1] == 40 }
    #expect(counts[0] > 0 && counts[1] > 0)
    for listener in listeners { listener.close() }
  }

  @Test("An address that this machine does not have is refused by name")
  func foreignAddress() throws {
    let address = try #require(SocketAddress(numericHost: "192.0.2.1", port: 8001))
    let error = #expect(throws: ListenError.self) { try ListeningSocket(on: address) }
    #expect(error?.description == "cannot listen on 192.0.2.1:8001: bind: Cannot assign requested address")
  }

  @Test("IPv4 and IPv6 listen on one port side by side")
  func bothFamilies() throws {
    let six = try ListeningSocket(on: #require(SocketAddress(numericHost: "::", port: 0)))
    let four = try #require(SocketAddress(numericHost: "0.0.0.0", port: six.address.port))
    #expect(throws: Never.self) { try ListeningSocket(on: four) }
  }

  @Test(
    "Two listeners share one socket; when one closes, the other continues; the last closes the socket")
  func sharedSocket() throws {
    weak var observed: ListeningSocket?
    var count = 0
    do {
      let socket = try ListeningSocket(on: anyPort)
      observed = socket
      let other = try EventLoop()
      let first = try Listener(
        socket, on: other, accepted: { _, _ in Issue.record("closed") }, acceptFailed: { _ in })
      let second = try Listener(socket, on: loop, accepted: { _, _ in count += 1 }, acceptFailed: { _ in })
      first.close()
      first.close()
      let client = try connect(to: socket.address)
      try loop.turn { count == 1 }
      other.poll()
      second.close()
      _ = client.number
    }
    #expect(observed == nil)
  }

  @Test("A flood is accepted in portions, so that a turn stays short")
  func flood() throws {
    let folder = try TemporaryFolder()
    let socket = try ListeningSocket(on: folder.address("flood"))
    var count = 0
    let listener = try Listener(socket, on: loop, accepted: { _, _ in count += 1 }, acceptFailed: { _ in })
    var clients: [Int32] = []
    defer { for client in clients { close(client) } }
    for _ in 0..<70 { clients.append(try connect(to: socket.address).release()) }
    loop.poll()
    #expect(count == 64)
    loop.poll()
    #expect(count == 70)
    listener.close()
  }

  @Test("Closed from within its callback, it accepts no further client")
  func closesWithinAccept() throws {
    let folder = try TemporaryFolder()
    let socket = try ListeningSocket(on: folder.address("socket"))
    var count = 0
    var listener: Listener?
    listener = try Listener(
      socket, on: loop,
      accepted: { _, _ in
        count += 1
        listener?.close()
      }, acceptFailed: { _ in })
    let first = try connect(to: socket.address)
    let second = try connect(to: socket.address)
    loop.poll()
    loop.poll()
    #expect(count == 1)
    listener = nil
    _ = (first.number, second.number)
  }

  @Test("Without free descriptors it reports so, rests instead of spinning, and resumes when there are some")
  func outOfDescriptors() async {
    await #expect(processExitsWith: .success) {
      let loop = try EventLoop()
      let socket = try ListeningSocket(on: .anyPort())
      var accepted = 0
      var failures: [SystemError] = []
      let listener = try Listener(
        socket, on: loop, accepted: { _, _ in accepted += 1 }, acceptFailed: { failures.append($0) })
      let client = try Socket.make(for: socket.address)
      try Socket.connect(client.number, to: socket.address)
      // The next number is beyond the limit.
      var limit = rlimit()
      try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      let usual = limit.rlim_cur
      limit.rlim_cur = 3
      try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      try loop.turn { failures.count == 1 }
      #expect(failures == [SystemError(call: "accept", code: EMFILE)])
      let start = MonotonicClock.now()
      var turns = 0
      try loop.turn {
        turns += 1
        return failures.count == 2
      }
      #expect(start.duration(to: MonotonicClock.now()) > .milliseconds(50))
      #expect(turns < 10)
      limit.rlim_cur = usual
      try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      try loop.turn { accepted == 1 }
      listener.close()
    }
  }
}
