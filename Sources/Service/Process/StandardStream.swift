#if canImport(Glibc)
  import Glibc
#endif

/// Writes to the process's own standard streams.
public enum StandardStream {
  /// True if somebody watches the standard error on a terminal.
  public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes a text, in one `write(2)` if the kernel takes it whole, so that lines of several threads or processes do
  /// not mix. What cannot be written is given up: there is nobody left to tell.
  public static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, base, rest.count)
        if count > 0 {
          unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count < 0, errno == EINTR {
          continue
        } else {
          return
        }
      }
    }
  }
}
