import Glibc

/// Writes to the process's own standard streams, and waits until they accept it.
///
/// That suits a command whose report is its purpose. A service must not wait: it uses `ServiceLog`.
package enum StandardStream {
  /// True if standard error is a terminal.
  package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes a text, in one `write(2)` if the kernel accepts it whole, so that lines of several threads or processes
  /// do not mix. Text that cannot be written is dropped, since there is no other place to report it.
  ///
  /// - Returns: whether all of it was written.
  @discardableResult
  package static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, base, rest.count)
        if count > 0 {
          unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count < 0, errno == EAGAIN {
          waitForRoom(descriptor)
        } else if count < 0, errno == EINTR {
          continue
        } else {
          return false
        }
      }
      return true
    }
  }

  /// Another process with the same stream may have made it non-blocking.
  private static func waitForRoom(_ descriptor: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }
}
