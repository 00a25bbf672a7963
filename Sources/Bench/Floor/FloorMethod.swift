import Uring

/// How a bare loop sends.
enum FloorMethod: CaseIterable, Sendable {
  /// One `send(2)` for each client.
  case send
  /// One system call for hundreds of clients: `io_uring(7)`.
  case ring
  /// One `SSL_write(3)` for each client.
  case openssl

  /// The name of its row.
  var name: String {
    switch self {
    case .send: "send()"
    case .ring: "io_uring"
    case .openssl: "SSL_write()"
    }
  }

  /// Whether the kernel permits io_uring.
  static var ringIsPermitted: Bool { (try? SendRing()) != nil }
}
