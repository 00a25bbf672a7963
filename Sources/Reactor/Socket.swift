import CLinux
import Glibc
import Primitives

/// The result of a non-blocking read or write.
package enum TransferResult: Equatable, Sendable {
  /// The number of bytes moved; at least one.
  case moved(Int)
  /// No bytes can be moved now.
  case wouldBlock
  /// The peer has ended its side in order (reads only).
  case ended
  /// The connection is broken.
  case failed(SystemError)
}

/// The socket calls, each with errno handled. Descriptors are borrowed as numbers: their owner closes them.
package enum Socket {
  /// A new non-blocking stream socket for an address's family.
  package static func make(for address: SocketAddress) throws(SystemError) -> FileDescriptor {
    try make(SOCK_STREAM, for: address)
  }

  /// A new non-blocking datagram socket that sends to one address.
  static func makeDatagram(to address: SocketAddress) throws(SystemError) -> FileDescriptor {
    let descriptor = try make(SOCK_DGRAM, for: address)
    try connect(descriptor.number, to: address)
    return descriptor
  }

  private static func make(_ type: __socket_type, for address: SocketAddress) throws(SystemError)
    -> FileDescriptor
  {
    let domain: Int32 =
      switch address.family {
      case .ipv4: AF_INET
      case .ipv6: AF_INET6
      case .unix: AF_UNIX
      }
    let flags = Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return FileDescriptor(owning: try checked("socket") { socket(domain, flags, 0) })
  }

  /// Starts to connect; the socket becomes writable when the attempt ends, and ``pendingError(of:)`` gives the
  /// result.
  package static func connect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
    let result = unsafe address.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
    if result == -1, errno != EINPROGRESS, errno != EINTR { throw SystemError(call: "connect", code: errno) }
  }

  /// Takes the pending error of a socket (`SO_ERROR`).
  package static func pendingError(of descriptor: Int32) -> SystemError? {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    if result == -1 { return SystemError(call: "getsockopt", code: errno) }
    return code == 0 ? nil : SystemError(call: "connect", code: code)
  }

  /// Reads into the buffer from its beginning.
  package static func receive(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, flags: Int32 = 0
  ) -> TransferResult {
    while true {
      let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, flags)
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(SystemError(call: "recv", code: errno))
      }
    }
  }

  /// Reads into the beginning of an array.
  ///
  /// - Parameter limit: how many bytes are read at most, at least 1.
  package static func receive(
    _ descriptor: Int32, into buffer: inout [UInt8], limit: Int = .max
  ) -> TransferResult {
    unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe receive(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(limit)))
    }
  }

  /// Reads without consuming the bytes (`MSG_PEEK`).
  package static func peek(_ descriptor: Int32, into buffer: inout [UInt8]) -> TransferResult {
    unsafe buffer.withUnsafeMutableBytes { unsafe receive(descriptor, into: $0, flags: Int32(MSG_PEEK)) }
  }

  /// Discards bytes that were peeked at before.
  package static func discard(_ descriptor: Int32, count: Int) {
    guard count > 0 else { return }
    _ = recv(descriptor, nil, count, Int32(MSG_TRUNC))
  }

  /// Writes as many bytes as fit.
  package static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> TransferResult {
    while true {
      let count = unsafe clinux_send(descriptor, bytes.baseAddress, bytes.count)
      if count >= 0 { return .moved(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(SystemError(call: "send", code: errno))
      }
    }
  }

  /// Writes as many bytes as fit, from an index on.
  package static func send(_ descriptor: Int32, _ bytes: [UInt8], from index: Int = 0) -> TransferResult {
    unsafe bytes.withUnsafeBytes { unsafe send(descriptor, UnsafeRawBufferPointer(rebasing: $0[index...])) }
  }

  /// The innermost loop of an edge: writes the same bytes to many sockets, and reports incomplete writes.
  ///
  /// It crosses the module's border once for all sockets, and allocates nothing.
  ///
  /// - Parameter onShort: called with the position in `descriptors` and the result of an incomplete write.
  package static func send(
    _ bytes: [UInt8], toEach descriptors: ArraySlice<Int32>, onShort: (Int, TransferResult) -> Void
  ) {
    unsafe bytes.withUnsafeBytes { content in
      for index in descriptors.indices {
        let result = unsafe send(descriptors[index], content)
        if result != .moved(content.count) { onShort(index - descriptors.startIndex, result) }
      }
    }
  }

  /// Writes to each socket a part of its own of an array, and reports incomplete writes.
  ///
  /// - Parameters:
  ///   - ends: where each part ends; it begins where the one before it ends.
  ///   - descriptors: one for each part.
  ///   - onShort: called with the position in `descriptors` and the result of an incomplete write.
  package static func send(
    _ bytes: [UInt8], endingAt ends: [Int], toEach descriptors: ArraySlice<Int32>,
    onShort: (Int, TransferResult) -> Void
  ) {
    unsafe bytes.withUnsafeBytes { content in
      var start = 0
      for (index, descriptor) in descriptors.enumerated() {
        let part = unsafe UnsafeRawBufferPointer(rebasing: content[start..<ends[index]])
        let result = unsafe send(descriptor, part)
        if result != .moved(part.count) { onShort(index, result) }
        start = ends[index]
      }
    }
  }

  /// Ends this side of a connection; bytes sent before are still delivered.
  package static func shutdownWriting(_ descriptor: Int32) {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Sends small writes at once (`TCP_NODELAY`); does nothing on a unix socket.
  package static func disableNagle(_ descriptor: Int32) {
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
  }

  /// Delays bytes that do not fill a segment until this side of the connection ends, or for 200 ms (`TCP_CORK`), so
  /// that the last bytes and the end arrive as one. Does nothing on a unix socket.
  package static func joinEndToLastBytes(_ descriptor: Int32) {
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_CORK, 1)
  }

  /// Makes the kernel reset a connection whose sent data stays unacknowledged for `limit` (RFC 5482), and probe an
  /// idle one.
  package static func detectDeadPeer(_ descriptor: Int32, after limit: Duration) {
    _ = clinux_set_user_timeout(descriptor, UInt32(clamping: limit.wholeMilliseconds))
    setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
  }

  /// Limits the kernel's send buffer to about twice `count` bytes (`SO_SNDBUF`); without the limit it would grow to
  /// megabytes.
  package static func limitSendBuffer(_ descriptor: Int32, to count: Int32) {
    setOption(descriptor, SOL_SOCKET, SO_SNDBUF, count)
  }

  /// The local address of a socket.
  package static func localAddress(of descriptor: Int32) -> SocketAddress? {
    var storage = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
    var size = socklen_t(storage.count)
    let result = unsafe storage.withUnsafeMutableBytes { bytes in
      unsafe getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
    }
    return result == 0 ? SocketAddress(storage: Array(storage.prefix(Int(size)))) : nil
  }

  static func isListening(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0
  }

  static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
