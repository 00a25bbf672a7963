import Glibc
import Synchronization

/// Why a listener could not be opened.
package struct ListenError: Error, Sendable, CustomStringConvertible {
  /// The address to listen on.
  package let address: SocketAddress
  /// The error of the system call.
  package let cause: SystemError

  /// `cannot listen on 127.0.0.1:8001: bind: Address already in use`.
  package var description: String { "cannot listen on \(address): \(cause)" }
}

/// A listening socket, open as long as it is referenced.
package final class ListeningSocket: Sendable {
  let descriptor: FileDescriptor
  /// The descriptor, for use while the socket is referenced.
  package var number: Int32 { descriptor.number }
  /// The bound address, with the port that the system chose if 0 was requested.
  package let address: SocketAddress
  /// Whether it was passed by the parent process, and outlives this one: a successor continues to accept from it.
  package let isPassed: Bool
  private let ownsFile: Atomic<Bool>

  static let backlog: Int32 = 4096

  /// Takes over a socket that was passed to the process and listens already.
  init(passed descriptor: consuming FileDescriptor, on address: SocketAddress) {
    self.descriptor = descriptor
    self.address = address
    isPassed = true
    ownsFile = Atomic(false)
  }

  /// Binds a socket and listens.
  ///
  /// A stale file of a unix socket, without a listener, is removed before; the socket's own file is removed at the
  /// end.
  ///
  /// - Parameter sharesPort: whether several sockets may listen on the address at once (`SO_REUSEPORT`); the kernel
  ///   spreads connections over them.
  package init(on address: SocketAddress, sharesPort: Bool = false) throws(ListenError) {
    do throws(SystemError) {
      if address.family == .unix { try Self.removeStaleFile(of: address) }
      let descriptor = try Socket.make(for: address)
      let number = descriptor.number
      if address.family != .unix {
        Socket.setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
        if sharesPort { Socket.setOption(number, SOL_SOCKET, SO_REUSEPORT, 1) }
      }
      // An IPv6 listener accepts only IPv6, whatever the system's default: IPv4 has a listener of its own.
      if address.family == .ipv6 { Socket.setOption(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
      _ = try checked("bind") { unsafe address.withSockaddr { unsafe bind(number, $0, $1) } }
      _ = try checked("listen") { listen(number, Self.backlog) }
      self.address = Socket.localAddress(of: number) ?? address
      self.descriptor = descriptor
      isPassed = false
      ownsFile = Atomic(address.family == .unix)
    } catch {
      throw ListenError(address: address, cause: error)
    }
  }

  deinit { removeFile() }

  /// Removes a unix socket's file, once: a later file belongs to a successor.
  func removeFile() {
    if ownsFile.exchange(false, ordering: .relaxed) { _ = unsafe unlink(address.host) }
  }

  /// Whether it can stop listening and start again later. A passed socket is shared with other processes, and a
  /// stopped unix socket cannot start again.
  package var canPause: Bool { !isPassed && address.family != .unix }

  /// Whether the address has a listener already, with which a new socket would share it.
  package static func isInUse(_ address: SocketAddress) -> Bool {
    guard address.family != .unix, address.port != 0, let probe = try? Socket.make(for: address) else {
      return false
    }
    // Addresses of connections that have just ended do not count.
    Socket.setOption(probe.number, SOL_SOCKET, SO_REUSEADDR, 1)
    if address.family == .ipv6 { Socket.setOption(probe.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    let result = unsafe address.withSockaddr { unsafe bind(probe.number, $0, $1) }
    return result == -1 && errno == EADDRINUSE
  }

  private static func removeStaleFile(of address: SocketAddress) throws(SystemError) {
    var status = stat()
    // Connecting to a file that is no socket is refused too, and that file must not be removed.
    guard unsafe lstat(address.host, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let probe = try Socket.make(for: address)
    let result = unsafe address.withSockaddr { unsafe Glibc.connect(probe.number, $0, $1) }
    if result == -1, errno == ECONNREFUSED { _ = unsafe unlink(address.host) }
  }
}
