import CLinux
import Glibc
import Primitives

/// Accepts the connections of a listening socket on one loop. Several loops may share a socket.
///
/// Each turn accepts a bounded number of connections, so that a flood of them does not delay deliveries. Without free
/// descriptors it rests for a while instead of spinning on a socket that stays ready.
package final class Listener: ReadinessHandler {
  private static let acceptsPerTurn = 64
  private static let restInterval = Duration.milliseconds(100)

  private let loop: EventLoop
  private let socket: ListeningSocket
  private let accepted: (consuming FileDescriptor, SocketAddress?) -> Void
  private let acceptFailed: (SystemError) -> Void
  private var registration: EventLoop.Registration?
  private var isClosed = false
  /// Counts the pauses: a cancelled pause must not be ended by its timer.
  private var pauseCount = 0

  /// How long clients that were connecting when a pause began may take for the rest of the TCP handshake: a long
  /// round trip. Shorter than the second after which a kernel repeats a SYN (RFC 6298), so that no SYN is dropped
  /// twice.
  private static let pauseInterval = Duration.milliseconds(300)

  /// Accepts on the loop until ``close()``.
  ///
  /// - Parameters:
  ///   - accepted: takes each new connection and its peer's address, if it has one.
  ///   - acceptFailed: called when no connection can be accepted and the listener rests.
  package init(
    _ socket: ListeningSocket, on loop: EventLoop,
    accepted: @escaping (consuming FileDescriptor, SocketAddress?) -> Void,
    acceptFailed: @escaping (SystemError) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.socket = socket
    self.accepted = accepted
    self.acceptFailed = acceptFailed
    registration = try loop.register(socket.descriptor.number, for: .readable, handler: self)
  }

  /// The address of the socket.
  package var address: SocketAddress { socket.address }

  /// Whether it is about to leave its port, and still accepts clients that were connecting.
  package private(set) var isPausing = false

  /// Stops accepting until ``resume()``, without resetting connections. From now on new SYNs are dropped, handshakes
  /// under way are accepted for 300 ms, and then the port is left (``isPausing`` is true until then). The kernel of a
  /// dropped client repeats its SYN after a second; it then reaches a socket that shares the port, possibly of
  /// another process, or is refused.
  ///
  /// Leaving at once would reset the connections that arrive between the last accept and the end, unless the kernel
  /// hands them over (`net.ipv4.tcp_migrate_req`). Works only for a socket that ``ListeningSocket/canPause``; another
  /// one continues to accept.
  package func pause() {
    guard socket.canPause, registration != nil, !isPausing else { return }
    // A kernel without filters: the port is left at once, and a connection may be reset.
    guard clinux_drop_new_syns(socket.descriptor.number) == 0 else { return leavePort() }
    isPausing = true
    pauseCount += 1
    let count = pauseCount
    loop.schedule(at: loop.now.advanced(by: Self.pauseInterval)) { [weak self] in
      guard let self, isPausing, pauseCount == count else { return }
      isPausing = false
      leavePort()
    }
  }

  private func leavePort() {
    acceptAll()
    deregister()
    // Not `close()`: the descriptor is open in the tables of other threads too, and would continue to listen.
    _ = shutdown(socket.descriptor.number, Int32(SHUT_RD))
  }

  /// Accepts again.
  ///
  /// - Throws: ``SystemError`` if another process that does not share the port has taken it meanwhile.
  package func resume() throws(SystemError) {
    guard !isClosed, registration == nil || isPausing else { return }
    let number = socket.descriptor.number
    _ = clinux_admit_beginners(number)
    if isPausing {
      isPausing = false
      return
    }
    // A port chosen by the kernel was given back; a requested port is still bound, and binding it again has no
    // effect.
    _ = unsafe socket.address.withSockaddr { unsafe bind(number, $0, $1) }
    _ = try checked("listen") { listen(number, ListeningSocket.backlog) }
    registration = try loop.register(number, for: .readable, handler: self)
  }

  /// Stops accepting for good. The file of a unix socket is removed now, for all its listeners; the socket itself may
  /// stay open until the process ends.
  ///
  /// - Parameter takingWaiting: whether clients that are connecting are accepted first, as in ``pause()``; ignored
  ///   for a passed socket, where they wait for the successor. Otherwise they are reset when the socket is closed.
  package func close(takingWaiting: Bool = false) {
    isClosed = true
    socket.removeFile()
    guard takingWaiting, registration != nil, !socket.isPassed else {
      isPausing = false
      return deregister()
    }
    if socket.canPause { return pause() }
    acceptAll()
    deregister()
  }

  private func deregister() {
    if let registration { loop.deregister(registration, of: socket.descriptor.number) }
    registration = nil
  }

  /// Accepts everything that waits, once.
  private func acceptAll() {
    for _ in 0..<Int(ListeningSocket.backlog) / Self.acceptsPerTurn {
      guard acceptSome() else { return }
    }
  }

  /// Accepts a bounded number of waiting connections.
  package func descriptorReady(_ readiness: Readiness, token: Int) {
    _ = acceptSome()
  }

  /// - Returns: whether more may be waiting.
  private func acceptSome() -> Bool {
    for _ in 0..<Self.acceptsPerTurn {
      var storage = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
      var size = UInt32(storage.count)
      let number = unsafe storage.withUnsafeMutableBytes {
        unsafe clinux_accept(socket.descriptor.number, $0.baseAddress, &size)
      }
      guard number >= 0 else {
        switch errno {
        case EINTR, ECONNABORTED, EPROTO: continue
        case EAGAIN: return false
        default:
          rest(because: SystemError(call: "accept", code: errno))
          return false
        }
      }
      accepted(FileDescriptor(owning: number), SocketAddress(storage: Array(storage.prefix(Int(size)))))
      if registration == nil { return false }
    }
    return true
  }

  private func rest(because error: SystemError) {
    guard let current = registration else { return }
    loop.modify(current, of: socket.descriptor.number, for: [])
    loop.schedule(at: loop.now.advanced(by: Self.restInterval)) { [weak self] in
      guard let self, let registration else { return }
      loop.modify(registration, of: socket.descriptor.number, for: .readable)
    }
    acceptFailed(error)
  }
}
