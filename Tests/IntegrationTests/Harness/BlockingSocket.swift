import Glibc
import Primitives
import Reactor

/// A connection as simple clients have it: each call waits until it is done, or for 15 s at most.
final class BlockingSocket: Sendable {
  private static let limit = Duration.seconds(15)

  private let descriptor: FileDescriptor

  /// Connects.
  ///
  /// - Parameter receiveBufferSize: how many bytes the kernel may keep for us; nil is its default.
  init(_ address: SocketAddress, receiveBufferSize: Int32? = nil) throws {
    descriptor = try Socket.make(for: address)
    if var size = receiveBufferSize {
      // With small segments, the kernel of the other side holds little for us, too.
      var segment: Int32 = 536
      unsafe setsockopt(
        descriptor.number, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, socklen_t(MemoryLayout<Int32>.size))
      unsafe setsockopt(descriptor.number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    try Socket.connect(descriptor.number, to: address)
    try waitFor(Int16(POLLOUT), within: Self.limit)
    if let error = Socket.pendingError(of: descriptor.number) { throw error }
  }

  /// A connection to a port of this machine.
  convenience init(port: UInt16) throws { try self.init(.loopback(port)) }

  /// Sends all of it.
  func send(_ bytes: [UInt8]) throws {
    var index = 0
    while index < bytes.count {
      switch Socket.send(descriptor.number, bytes, from: index) {
      case .moved(let count): index += count
      case .wouldBlock, .ended: try waitFor(Int16(POLLOUT), within: Self.limit)
      case .failed(let error): throw error
      }
    }
  }

  /// What came; empty at the end of the stream.
  func receive(within limit: Duration = limit) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      switch unsafe buffer.withUnsafeMutableBytes({ unsafe Socket.receive(descriptor.number, into: $0) }) {
      case .moved(let count): return Array(buffer.prefix(count))
      case .ended: return []
      case .wouldBlock: try waitFor(Int16(POLLIN), within: limit)
      case .failed(let error): throw error
      }
    }
  }

  /// Everything up to the end of the stream, or up to a reset.
  func receiveAll(within limit: Duration = limit) throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      do {
        let bytes = try receive(within: limit)
        if bytes.isEmpty { return all }
        all += bytes
      } catch let error as SystemError where error.code == ECONNRESET {
        return all
      }
    }
  }

  /// Ends our side.
  func finish() { Socket.shutdownWriting(descriptor.number) }

  /// The descriptor, to be borrowed while the socket is held.
  var number: Int32 { descriptor.number }

  private func waitFor(_ events: Int16, within limit: Duration) throws {
    var entry = pollfd(fd: descriptor.number, events: events, revents: 0)
    let result = unsafe poll(&entry, 1, Int32(clamping: limit.wholeMilliseconds))
    guard result != 0 else { throw TimedOut(description: "nothing moved on a socket within \(limit)") }
  }
}

extension SocketAddress {
  /// A port of this machine.
  static func loopback(_ port: UInt16) throws -> SocketAddress {
    guard let address = SocketAddress(numericHost: "127.0.0.1", port: port) else {
      throw TimedOut(description: "127.0.0.1 is no address")
    }
    return address
  }
}
