import Glibc

/// An open descriptor that is closed exactly once, when its owner is released.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The number, for use in calls; never closed by hand.
  package let number: Int32

  /// Takes a descriptor over.
  package init(owning number: Int32) {
    precondition(number >= 0)
    self.number = number
  }

  deinit {
    // After EINTR the state of the descriptor is unspecified by POSIX, and closed on Linux: never again.
    _ = close(number)
  }

  /// Gives the number away: its new owner must close it.
  package consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }
}
