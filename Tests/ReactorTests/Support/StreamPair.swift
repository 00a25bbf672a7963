import Glibc
import Reactor
import Testing

/// Two connected non-blocking stream sockets.
final class StreamPair {
  private var left: FileDescriptor?
  private var right: FileDescriptor?
  let near: Int32
  let far: Int32

  init() throws {
    var numbers: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(unsafe socketpair(AF_UNIX, type, 0, &numbers) == 0)
    (near, far) = (numbers[0], numbers[1])
    left = FileDescriptor(owning: near)
    right = FileDescriptor(owning: far)
  }

  func closeFar() { right = nil }

  /// Makes the near end readable.
  func sendFromFar(_ bytes: [UInt8] = [1]) { #expect(Socket.send(far, bytes) == .moved(bytes.count)) }

  /// Writes to the near end until it accepts no more.
  func fill() {
    let block = [UInt8](repeating: 0, count: 4096)
    while case .moved = Socket.send(near, block) {}
    while case .moved = Socket.send(near, [0]) {}
  }
}

/// The bytes that can be read from a descriptor now.
func received(from descriptor: Int32) -> (bytes: [UInt8], end: TransferResult) {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let result = unsafe buffer.withUnsafeMutableBytes { unsafe Socket.receive(descriptor, into: $0) }
    guard case .moved(let count) = result else { return (bytes, result) }
    bytes += buffer.prefix(count)
  }
}
