import Glibc
import Primitives
import Reactor
import Synchronization
import TLS

/// How a client connects to a server, apart from the address.
struct Approach {
  var address: SocketAddress
  /// The client's address on this machine; nil leaves the choice to the kernel.
  var source: String?
  /// The bytes in front of everything, TLS included.
  var preamble: [UInt8] = []
  /// The TLS context; nil for none.
  var secure: TLSContext?
  /// The size of the kernel's receive buffer; nil for its default.
  var receiveBufferSize: Int32?
}

/// A connection of a simple client: each call blocks until it is done, for at most 15 s.
final class BlockingSocket: Sendable {
  private static let limit = Duration.seconds(15)

  private let descriptor: FileDescriptor
  private let session: Mutex<TLSSession?>

  /// Connects. With TLS, the first handshake message is sent; the handshake is completed by the first call that sends
  /// or receives.
  init(_ approach: Approach) throws {
    let descriptor = try Socket.make(for: approach.address)
    if let source = approach.source.flatMap({ SocketAddress(numericHost: $0, port: 0) }) {
      try Socket.bind(descriptor.number, toSource: source)
    }
    if var size = approach.receiveBufferSize {
      // With small segments, the peer's kernel buffers little for this client too.
      var segment: Int32 = 536
      unsafe setsockopt(
        descriptor.number, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, socklen_t(MemoryLayout<Int32>.size))
      unsafe setsockopt(descriptor.number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    try Socket.connect(descriptor.number, to: approach.address)
    try Self.wait(for: Int16(POLLOUT), on: descriptor.number, within: Self.limit)
    if let error = Socket.pendingError(of: descriptor.number) { throw error }
    // In three pieces, as a network may deliver them.
    Socket.disableNagle(descriptor.number)
    for index in approach.preamble.indices where index % (approach.preamble.count / 3 + 1) == 0 {
      let piece = approach.preamble[index...].prefix(approach.preamble.count / 3 + 1)
      _ = Socket.send(descriptor.number, Array(piece))
      letPass(.milliseconds(5))
    }
    session = Mutex(
      try approach.secure.map { context in
        guard let name = ServerName(approach.address.host) else {
          throw TimedOut(description: "\(approach.address) is no name")
        }
        let session = try TLSSession(connecting: descriptor.number, to: name, context: context)
        if case .failed(let failure) = session.handshake() { throw failure }
        return session
      })
    self.descriptor = descriptor
  }

  /// Connects.
  ///
  /// - Parameter receiveBufferSize: the size of the kernel's receive buffer; nil for its default.
  convenience init(_ address: SocketAddress, receiveBufferSize: Int32? = nil) throws {
    try self.init(Approach(address: address, receiveBufferSize: receiveBufferSize))
  }

  /// Connects to a port of this machine.
  convenience init(port: UInt16) throws { try self.init(.loopback(port)) }

  /// Sends bytes one by one: over TLS each in a record of its own.
  func sendByByte(_ bytes: [UInt8]) throws {
    for byte in bytes { try send([byte]) }
  }

  func send(_ bytes: [UInt8]) throws {
    try completeHandshake()
    var index = 0
    while index < bytes.count {
      switch sendNow(bytes, from: index) {
      case .moved(let count): index += count
      case .wouldBlock, .ended: try waitFor(Int16(POLLOUT), within: Self.limit)
      case .failed(let error): throw error
      }
    }
  }

  /// The received bytes; empty at the end of the stream.
  func receive(within limit: Duration = limit) throws -> [UInt8] {
    try completeHandshake()
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      switch receiveNow(into: &buffer) {
      case .moved(let count): return Array(buffer.prefix(count))
      case .ended: return []
      case .wouldBlock: try waitFor(Int16(POLLIN), within: limit)
      case .failed(let error): throw error
      }
    }
  }

  /// All bytes up to the end of the stream, or up to a reset.
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

  /// The peer's certificate from the handshake, which this completes; nil without TLS.
  var peerCertificate: Certificate? {
    get throws {
      try completeHandshake()
      return session.withLock { $0?.peer }
    }
  }

  /// Closes our sending side.
  func finish() { Socket.shutdownWriting(descriptor.number) }

  /// The descriptor, to be borrowed while the socket is retained.
  var number: Int32 { descriptor.number }

  /// How many segments the kernel has received from the peer (`tcpi_segs_in` of tcp(7)'s `TCP_INFO`).
  var segmentsReceived: UInt32 {
    var information = [UInt32](repeating: 0, count: 64)
    var size = socklen_t(information.count * MemoryLayout<UInt32>.size)
    unsafe getsockopt(descriptor.number, Int32(IPPROTO_TCP), TCP_INFO, &information, &size)
    return information[35]
  }

  func receiveNow(into buffer: inout [UInt8]) -> TransferResult {
    session.withLock { session in
      unsafe buffer.withUnsafeMutableBytes { space in
        guard let session else { return unsafe Socket.receive(descriptor.number, into: space) }
        return switch unsafe session.read(into: space) {
        case .bytes(let count): .moved(count)
        case .wantsRead, .wantsWrite: .wouldBlock
        case .closed: .ended
        case .failed: .failed(Self.brokenTLS)
        }
      }
    }
  }

  private func sendNow(_ bytes: [UInt8], from index: Int) -> TransferResult {
    session.withLock { session in
      guard let session else { return Socket.send(descriptor.number, bytes, from: index) }
      return
        switch unsafe bytes.withUnsafeBytes({
          unsafe session.output.write(UnsafeRawBufferPointer(rebasing: $0[index...]))
        })
      {
      case .wrote(let count): .moved(count)
      case .wantsRead, .wantsWrite: .wouldBlock
      case .failed: .failed(Self.brokenTLS)
      }
    }
  }

  private func completeHandshake() throws {
    while true {
      guard let result = session.withLock({ $0?.handshake() }) else { return }
      switch result {
      case .complete: return
      case .wantsRead: try waitFor(Int16(POLLIN), within: Self.limit)
      case .wantsWrite: try waitFor(Int16(POLLOUT), within: Self.limit)
      case .failed(let failure): throw failure
      }
    }
  }

  private static let brokenTLS = SystemError(call: "TLS", code: EPROTO)

  private func waitFor(_ events: Int16, within limit: Duration) throws {
    try Self.wait(for: events, on: descriptor.number, within: limit)
  }

  private static func wait(for events: Int16, on number: Int32, within limit: Duration) throws {
    var entry = pollfd(fd: number, events: events, revents: 0)
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
