import Testing

@testable import Reactor

extension SocketAddress {
  /// A local address with a port that the kernel chooses.
  static func anyPort() throws -> SocketAddress {
    try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
  }
}

/// Opens a connection, which the kernel completes without an accept.
func connect(to address: SocketAddress) throws -> FileDescriptor {
  let socket = try Socket.make(for: address)
  try Socket.connect(socket.number, to: address)
  return socket
}
