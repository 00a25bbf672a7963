import CLinux
import Glibc
import Primitives
import Synchronization

/// Why a listener could not be opened.
public struct ListenError: Error, Sendable, CustomStringConvertible {
  /// Where it was to listen.
  public let address: SocketAddress
  /// What the system said.
  public let cause: SystemError

  /// `cannot listen on 127.0.0.1:8001: bind: Address already in use`.
  public var description: String { "cannot listen on \(address): \(cause)" }
}

/// A socket that listens, open for as long as somebody holds it.
public final class ListeningSocket: Sendable {
  let descriptor: FileDescriptor
  /// Where it listens, with the port that the system chose if 0 was asked for.
  public let address: SocketAddress
  private let ownsFile: Atomic<Bool>

  /// Binds a socket and listens.
  ///
  /// A unix socket's file is removed before if nobody listens on it any more, and again at the end.
  ///
  /// - Parameter sharesPort: whether several sockets may listen on the address at once (`SO_REUSEPORT`), the kernel
  ///   spreading connections over them.
  public init(on address: SocketAddress, sharesPort: Bool = false) throws(ListenError) {
    do throws(SystemError) {
      if address.family == .unix { try Self.removeStaleFile(of: address) }
      let descriptor = try Socket.make(for: address)
      let number = descriptor.number
      if address.family != .unix {
        Socket.setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
        if sharesPort { Socket.setOption(number, SOL_SOCKET, SO_REUSEPORT, 1) }
      }
      // An IPv6 listener takes IPv6 alone, whatever the system's default: IPv4 has a listener of its own.
      if address.family == .ipv6 { Socket.setOption(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
      _ = try checked("bind") { unsafe address.withSockaddr { unsafe bind(number, $0, $1) } }
      _ = try checked("listen") { listen(number, 4096) }
      self.address = Socket.localAddress(of: number) ?? address
      self.descriptor = descriptor
      ownsFile = Atomic(address.family == .unix)
    } catch {
      throw ListenError(address: address, cause: error)
    }
  }

  deinit { removeFile() }

  /// Removes a unix socket's file, once: what is there later is a successor's.
  fileprivate func removeFile() {
    if ownsFile.exchange(false, ordering: .relaxed) { _ = unsafe unlink(address.host) }
  }

  private static func removeStaleFile(of address: SocketAddress) throws(SystemError) {
    var status = stat()
    // Connecting to a file that is no socket is refused too, and that file may be anybody's.
    guard unsafe lstat(address.host, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let probe = try Socket.make(for: address)
    let result = unsafe address.withSockaddr { unsafe Glibc.connect(probe.number, $0, $1) }
    if result == -1, errno == ECONNREFUSED { _ = unsafe unlink(address.host) }
  }
}

/// Accepts the connections of a listening socket on one loop. Several loops may share a socket.
///
/// Each turn takes a bounded number of new connections, so that a flood of them does not hold up what the
/// loop has to deliver. Out of descriptors it rests for a while instead of spinning on a socket that stays ready.
public final class Listener: ReadinessHandler {
  private static let acceptsPerTurn = 64
  private static let rest = Duration.milliseconds(100)

  private let loop: EventLoop
  private let socket: ListeningSocket
  private let accepted: (consuming FileDescriptor, SocketAddress?) -> Void
  private let acceptFailed: (SystemError) -> Void
  private var registration: EventLoop.Registration?

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

  /// Stops accepting. What waits in the backlog is refused when the socket goes; a unix socket's file goes now, for
  /// all that listen on it: whoever holds the socket may do so until the process ends.
  public func close() {
    if let registration { loop.deregister(registration, of: socket.descriptor.number) }
    registration = nil
    socket.removeFile()
  }

  /// Takes a bounded number of waiting connections.
  public func descriptorReady(_ readiness: Readiness, token: Int) {
    for _ in 0..<Self.acceptsPerTurn {
      var storage = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
      var size = UInt32(storage.count)
      let number = unsafe storage.withUnsafeMutableBytes {
        unsafe clinux_accept(socket.descriptor.number, $0.baseAddress, &size)
      }
      guard number >= 0 else {
        switch errno {
        case EINTR, ECONNABORTED, EPROTO: continue
        case EAGAIN: return
        default: return pause(because: SystemError(call: "accept", code: errno))
        }
      }
      accepted(FileDescriptor(owning: number), SocketAddress(storage: Array(storage.prefix(Int(size)))))
      if registration == nil { return }
    }
  }

  private func pause(because error: SystemError) {
    guard let current = registration else { return }
    loop.modify(current, of: socket.descriptor.number, for: [])
    loop.schedule(at: loop.now.advanced(by: Self.rest)) { [weak self] in
      guard let self, let registration else { return }
      loop.modify(registration, of: socket.descriptor.number, for: .readable)
    }
    acceptFailed(error)
  }
}
