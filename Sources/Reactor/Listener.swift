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

  /// Stops accepting until ``resume()``: takes what waits, and refuses everybody from then on.
  ///
  /// Only a socket that ``ListeningSocket/canPause``; another one goes on accepting. Sockets that share the port, also
  /// those of another process, are not touched, and get what comes.
  public func pause() {
    guard socket.canPause, registration != nil else { return }
    acceptAll()
    deregister()
    // Not `close()`: the descriptor is open in the tables of other threads too, and would listen on in vain.
    _ = shutdown(socket.descriptor.number, Int32(SHUT_RD))
  }

  /// Accepts again.
  ///
  /// - Throws: ``SystemError`` if the port was taken meanwhile by somebody who does not share it.
  public func resume() throws(SystemError) {
    guard registration == nil, !isClosed else { return }
    let number = socket.descriptor.number
    // A port that the kernel chose was given back; one that was asked for is still bound, and binding it again does nothing.
    _ = unsafe socket.address.withSockaddr { unsafe bind(number, $0, $1) }
    _ = try checked("listen") { listen(number, ListeningSocket.backlog) }
    registration = try loop.register(number, for: .readable, handler: self)
  }

  /// Stops accepting for good. A unix socket's file goes now, for all that listen on it; whoever holds the socket may do so
  /// until the process ends.
  ///
  /// - Parameter takingWaiting: whether what waits in the backlog is taken first, and whoever comes later refused at once; not so
  ///   at a socket that was passed, where both wait for the successor. Otherwise they are refused when the socket goes.
  public func close(takingWaiting: Bool = false) {
    guard !isClosed else { return }
    isClosed = true
    socket.removeFile()
    if takingWaiting, registration != nil, !socket.isPassed {
      if socket.canPause { return pause() }
      acceptAll()
    }
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
