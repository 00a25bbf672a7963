import Glibc
import Redis
import Testing

/// The server closed a connection.
struct ConnectionEnded: Error {}

/// A blocking connection over a unix socket, just enough for tests.
final class BlockingConnection {
  private let descriptor: Int32
  private var reader = RESPReader()
  private var received: [RESPValue] = []
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Connects; nil without a listener.
  init?(path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let status = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { return nil }
  }

  deinit {
    close(descriptor)
  }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw ConnectionEnded() }
      rest = rest.dropFirst(count)
    }
  }

  func send(_ arguments: [[UInt8]]) throws {
    try send(RedisCommand.encode(arguments))
  }

  func send(_ arguments: String...) throws {
    try send(RedisCommand.encode(arguments))
  }

  /// The next reply; waits up to five seconds for it.
  func receive() throws -> RESPValue {
    try #require(try receive(withinMilliseconds: 5000), "no reply")
  }

  /// The next reply; nil if it does not arrive in time.
  func receive(withinMilliseconds timeout: Int32) throws -> RESPValue? {
    while received.isEmpty {
      var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      guard unsafe poll(&descriptors, 1, timeout) > 0 else { return nil }
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { throw ConnectionEnded() }
      try reader.feed(Array(buffer[..<count]))
      while let value = try reader.next() { received.append(value) }
      received.reverse()
    }
    return received.popLast()
  }

  /// Sends one command and returns its reply.
  func call(_ arguments: String...) throws -> RESPValue {
    try send(RedisCommand.encode(arguments))
    return try receive()
  }

  /// Sends one command and returns its reply.
  func call(_ arguments: [[UInt8]]) throws -> RESPValue {
    try send(arguments)
    return try receive()
  }
}
