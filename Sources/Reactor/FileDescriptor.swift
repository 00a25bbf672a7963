import Glibc

/// An open descriptor that is closed exactly once, when its owner goes.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number, to be borrowed for calls; never closed by hand.
  public let number: Int32

  /// Takes a descriptor over.
  public init(owning number: Int32) {
    precondition(number >= 0)
    self.number = number
  }

  deinit {
    // After EINTR the state of the descriptor is unspecified by POSIX, and closed on Linux: never again.
    _ = close(number)
  }

  /// Gives the number away: whoever takes it closes it.
  public consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }
}
