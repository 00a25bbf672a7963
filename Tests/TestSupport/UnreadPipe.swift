import Glibc

/// A pipe that is not read until a test does: once it is full, its writers wait.
package final class UnreadPipe {
  private static let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which Swift does not import

  private let reading: Int32
  /// The end that the process under test writes to.
  package let writing: Int32
  /// How many bytes it was filled with at the start.
  package private(set) var fillCount = 0

  /// A pipe of 4096 bytes.
  ///
  /// - Parameter isFull: whether it is full from the start.
  package init(isFull: Bool = true) {
    var ends: [Int32] = [-1, -1]
    precondition(unsafe pipe(&ends) == 0, "no pipe")
    (reading, writing) = (ends[0], ends[1])
    // Other processes started by the tests must not keep it open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(writing, Self.setPipeSize, 4096)
    if isFull { fill() }
  }

  deinit {
    close(reading)
    close(writing)
  }

  private func fill() {
    // Through another file description: that of the process under test must block.
    let filler = unsafe open("/proc/self/fd/\(writing)", O_WRONLY | O_NONBLOCK)
    precondition(filler >= 0, "the pipe cannot be opened again")
    defer { close(filler) }
    let dots = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
    for size in [4096, 1] {
      while true {
        let count = unsafe write(filler, dots, size)
        guard count > 0 else { break }
        fillCount += count
      }
    }
  }

  /// Reads until nothing has arrived for a time.
  package func read(untilSilentFor milliseconds: Int32 = 200) -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while isReadable(within: milliseconds) {
      let count = unsafe Glibc.read(reading, &buffer, buffer.count)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func isReadable(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, milliseconds) == 1
  }
}
