import Testing

@testable import Reactor

extension SocketAddress {
  /// A port of this machine that the kernel chooses.
  static func anyPort() throws -> SocketAddress {
    try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
  }
}

/// Opens a connection, which the kernel completes without anybody accepting it.
func connect(to address: SocketAddress) throws -> FileDescriptor {
  let socket = try Socket.make(for: address)
  try Socket.connect(socket.number, to: address)
  return socket
}
