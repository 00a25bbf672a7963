import Glibc
import HTTP
import Primitives
import Synchronization
import Testing

@testable import Reactor
@testable import Telemetry

@Suite struct StatsDReceiverTests {
  private static func families(count: UInt64) -> [MetricFamily] {
    var metrics = MetricsText()
    metrics.family("emojitrack_edge_bytes_sent_total", .counter, help: "Bytes.")
    metrics.sample(count)
    return metrics.families
  }

  @Test("A socket receives times as whole microseconds")
  func wholeNumbers() throws {
    let loop = try EventLoop()
    let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    let resolver = try Resolver(on: loop) { _ in [loopback] }
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = FileDescriptor(owning: Glibc.socket(AF_INET, type, 0))
    try #require(unsafe loopback.withSockaddr { unsafe bind(socket.number, $0, $1) } == 0)
    let port = try #require(Socket.localAddress(of: socket.number)).port
    var outcomes: [String?] = []
    let receiver = StatsDReceiver(
      try HostPort(parsing: "127.0.0.1:\(port)"), FigureList(prefix: "a", node: "n"), resolver: resolver
    ) { outcomes.append($0) }
    var isOverdue = false
    loop.schedule(at: loop.now.advanced(by: .seconds(20))) { isOverdue = true }
    // In doubles, the difference is 0.08400000000000007.
    for (index, seconds) in [1.016, 1.1].enumerated() {
      var metrics = MetricsText()
      metrics.family("emojitrack_hub_processor_seconds_total", .counter, help: "CPU.")
      metrics.sample(seconds)
      receiver.push(metrics.families, unixMicroseconds: 0)
      while outcomes.count <= index, !isOverdue { loop.turn() }
    }
    var buffer = [UInt8](repeating: 0, count: 200)
    guard case .moved(let count) = Socket.peek(socket.number, into: &buffer) else {
      Issue.record("nothing came")
      return
    }
    #expect(
      String(decoding: buffer.prefix(count), as: UTF8.self)
        == "a.hub.n.processor_microseconds_total:84000|c")
  }

  @Test("While its name is being looked up, pushes are dropped, and no growth of a counter is lost")
  func slowName() throws {
    let loop = try EventLoop()
    let isAnswered = Mutex(false)
    let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    let resolver = try Resolver(on: loop) { _ in
      while !isAnswered.withLock({ $0 }) { usleep(1_000) }
      return [loopback]
    }
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = FileDescriptor(owning: Glibc.socket(AF_INET, type, 0))
    try #require(unsafe loopback.withSockaddr { unsafe bind(socket.number, $0, $1) } == 0)
    let port = try #require(Socket.localAddress(of: socket.number)).port

    var outcomes: [String?] = []
    let receiver = StatsDReceiver(
      try HostPort(parsing: "slow.example:\(port)"), FigureList(prefix: "a", node: "n"), resolver: resolver
    ) { outcomes.append($0) }
    receiver.push(Self.families(count: 1), unixMicroseconds: 0)
    receiver.push(Self.families(count: 3), unixMicroseconds: 0)
    #expect(outcomes == ["its name was not resolved before the next push"])
    isAnswered.withLock { $0 = true }
    var isOverdue = false
    loop.schedule(at: loop.now.advanced(by: .seconds(20))) { isOverdue = true }
    while outcomes.count < 2, !isOverdue { loop.turn() }
    receiver.push(Self.families(count: 6), unixMicroseconds: 0)
    while outcomes.count < 3, !isOverdue { loop.turn() }
    #expect(outcomes.dropFirst() == [nil, nil])
    var buffer = [UInt8](repeating: 0, count: 100)
    #expect(Socket.peek(socket.number, into: &buffer) == .moved(29))
    #expect(String(decoding: buffer.prefix(29), as: UTF8.self) == "a.edge.n.bytes_sent_total:5|c")
  }
}
