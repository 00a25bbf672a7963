import Glibc
import Primitives

/// The socket of a service manager: receives the datagrams of `sd_notify(3)`.
package final class ManagerSocket {
  /// How a service finds it: the value of `NOTIFY_SOCKET`.
  package let name: String
  private let descriptor: Int32
  private let path: String?

  /// - Parameter isAbstract: whether it has a name instead of a file.
  package convenience init(isAbstract: Bool = false) {
    let random = UInt64.random(in: 0 ... .max)
    self.init(named: isAbstract ? "@emojitrack-\(random)" : "/tmp/emojitrack-\(random).sock")
  }

  /// A socket with this name, which must be free.
  package init(named name: String) {
    self.name = name
    let isAbstract = name.hasPrefix("@")
    path = isAbstract ? nil : name
    descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = isAbstract ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let size = socklen_t(2 + bytes.count)
    let result = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
    }
    precondition(result == 0, "the socket of the service manager cannot be bound")
  }

  deinit {
    close(descriptor)
    if let path { _ = unsafe unlink(path) }
  }

  /// The next datagram; nil if none has arrived.
  package func receive() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  /// All datagrams that have arrived.
  package func receiveAll() -> [String] {
    var datagrams: [String] = []
    while let datagram = receive() { datagrams.append(datagram) }
    return datagrams
  }
}
