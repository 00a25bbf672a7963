import Glibc

/// Two connected stream sockets of this process, open as long as the pair is referenced.
package final class SocketPair: Sendable {
  /// One end.
  package let first: FileDescriptor
  /// The other end.
  package let second: FileDescriptor

  /// Connects a pair of non-blocking sockets.
  package init() throws(SystemError) {
    var numbers: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    _ = try checked("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &numbers) }
    first = FileDescriptor(owning: numbers[0])
    second = FileDescriptor(owning: numbers[1])
  }
}
