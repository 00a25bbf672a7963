import Glibc

/// Two connected stream sockets of this process, open for as long as somebody holds the pair.
public final class SocketPair: Sendable {
  /// One end.
  public let first: FileDescriptor
  /// The other end.
  public let second: FileDescriptor

  /// Connects a pair, neither of which blocks.
  public init() throws(SystemError) {
    var numbers: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    _ = try checked("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &numbers) }
    first = FileDescriptor(owning: numbers[0])
    second = FileDescriptor(owning: numbers[1])
  }
}
