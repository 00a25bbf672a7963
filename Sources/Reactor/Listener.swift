import CLinux
import Glibc
import Primitives

/// Accepts the connections of a listening socket on one loop. Several loops may share a socket.
///
/// Each turn takes a bounded number of new connections, so that a flood of them does not hold up what the
/// loop has to deliver. Out of descriptors it rests for a while instead of spinning on a socket that stays ready.
public final class Listener: ReadinessHandler {
  private static let acceptsPerTurn = 64
  private static let restInterval = Duration.milliseconds(100)

  private let loop: EventLoop
  private let socket: ListeningSocket
  private let accepted: (consuming FileDescriptor, SocketAddress?) -> Void
  private let acceptFailed: (SystemError) -> Void
  private var registration: EventLoop.Registration?
  private var isClosed = false
  /// Counts the pauses: one that was called off must not end by its timer.
  private var pauseCount = 0

  /// How long those who were connecting when a pause began may take for the rest of their handshake: a long round trip.
  /// Shorter than the second after which a kernel repeats a SYN (RFC 6298), so that nobody's is dropped twice.
  private static let pauseInterval = Duration.milliseconds(300)

  /// Accepts on the loop until ``close()``.
  ///
  /// - Parameters:
  ///   - accepted: takes each new connection and its peer's address, if it has one.
  ///   - acceptFailed: told when no connection can be accepted, and that the listener rests.
  public init(
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

  /// Where it listens.
  public var address: SocketAddress { socket.address }

  /// Whether it is about to leave its port, and still accepts those who were connecting.
  public private(set) var isPausing = false

  /// Stops accepting until ``resume()``, without resetting anybody: from now on nobody can begin to connect, those who have
  /// begun are accepted for 300 ms, and then the port is left (``isPausing`` tells). Whoever came meanwhile asks again
  /// after a second, which his kernel does by itself; he gets a socket that shares the port, also one of another process,
  /// or is refused.
  ///
  /// Leaving at once would reset the connections that come between the last accept and the end, unless the kernel hands
  /// them over (`net.ipv4.tcp_migrate_req`). Only a socket that ``ListeningSocket/canPause``; another one goes on accepting.
  public func pause() {
    guard socket.canPause, registration != nil, !isPausing else { return }
    // A kernel without filters: as before, and a connection may be reset.
    guard clinux_drop_beginners(socket.descriptor.number) == 0 else { return leavePort() }
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
    // Not `close()`: the descriptor is open in the tables of other threads too, and would listen on in vain.
    _ = shutdown(socket.descriptor.number, Int32(SHUT_RD))
  }

  /// Accepts again.
  ///
  /// - Throws: ``SystemError`` if the port was taken meanwhile by somebody who does not share it.
  public func resume() throws(SystemError) {
    guard !isClosed, registration == nil || isPausing else { return }
    let number = socket.descriptor.number
    _ = clinux_admit_beginners(number)
    if isPausing {
      isPausing = false
      return
    }
    // A port that the kernel chose was given back; one that was asked for is still bound, and binding it again does nothing.
    _ = unsafe socket.address.withSockaddr { unsafe bind(number, $0, $1) }
    _ = try checked("listen") { listen(number, ListeningSocket.backlog) }
    registration = try loop.register(number, for: .readable, handler: self)
  }

  /// Stops accepting for good. A unix socket's file goes now, for all that listen on it; whoever holds the socket may do so
  /// until the process ends.
  ///
  /// - Parameter takingWaiting: whether those who are connecting are taken first, as ``pause()`` does it; not so at a socket
  ///   that was passed, where they wait for the successor. Otherwise they are reset when the socket goes.
  public func close(takingWaiting: Bool = false) {
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

  /// Takes all that waits, once.
  private func acceptAll() {
    for _ in 0..<Int(ListeningSocket.backlog) / Self.acceptsPerTurn {
      guard acceptSome() else { return }
    }
  }

  /// Takes a bounded number of waiting connections.
  public func descriptorReady(_ readiness: Readiness, token: Int) {
    _ = acceptSome()
  }

  /// - Returns: whether there may be more.
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
