/// Sends datagrams to one address, and receives nothing.
package final class DatagramSocket {
  private let descriptor: FileDescriptor

  /// - Throws: ``SystemError`` if the address is unreachable, or no descriptor is left.
  package init(to address: SocketAddress) throws(SystemError) {
    descriptor = try Socket.makeDatagram(to: address)
  }

  /// Sends a datagram. It is lost if the system has no room for it, as any datagram may be.
  ///
  /// - Throws: ``SystemError`` if the destination is known to be closed, or the datagram is too long.
  package func send(_ bytes: [UInt8]) throws(SystemError) {
    if case .failed(let error) = Socket.send(descriptor.number, bytes) { throw error }
  }
}
