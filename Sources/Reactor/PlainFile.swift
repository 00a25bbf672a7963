import Glibc

/// A plain file, read once and completely.
///
/// Links are followed. What is known about the file is true of the descriptor that was read: the file cannot be
/// exchanged in between, and the mode is never that of a link (0777).
package struct PlainFile: Sendable {
  /// Why a file was not read.
  package enum Failure: Error, Equatable, Sendable {
    /// There is no file with this path.
    case missing
    /// It is a folder, a pipe, a device or the like.
    case notPlain
    /// It has more bytes than the limit.
    case tooLarge(limit: Int)
    /// A system call failed.
    case unreadable(SystemError)
  }

  /// The content.
  package let bytes: [UInt8]
  /// Who may do what with it, as in `chmod(2)`: the lower 12 bits of `st_mode`.
  package let mode: UInt32

  /// Reads a file.
  package init(path: String, maximumCount: Int) throws(Failure) {
    let number: Int32
    do throws(SystemError) {
      // O_NONBLOCK: a pipe at this path must not hang the process before it is refused.
      number = try checked("open") { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    } catch {
      throw error.code == ENOENT ? .missing : .unreadable(error)
    }
    let file = FileDescriptor(owning: number)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw .unreadable(SystemError(call: "fstat", code: errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notPlain }
    mode = status.st_mode & 0o7777
    // One byte more than allowed, to notice a file that is too large. The size is not asked for, because the file may grow
    // meanwhile.
    var buffer = [UInt8](repeating: 0, count: maximumCount + 1)
    var count = 0
    while count < buffer.count {
      let moved = unsafe buffer.withUnsafeMutableBytes { room in
        unsafe read(file.number, room.baseAddress?.advanced(by: count), room.count - count)
      }
      if moved < 0, errno == EINTR { continue }
      guard moved >= 0 else { throw .unreadable(SystemError(call: "read", code: errno)) }
      if moved == 0 { break }
      count += moved
    }
    guard count <= maximumCount else { throw .tooLarge(limit: maximumCount) }
    bytes = Array(buffer.prefix(count))
  }
}
