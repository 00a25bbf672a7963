/// Sends datagrams to one address, and receives nothing.
package final class DatagramSocket {
  private let descriptor: FileDescriptor

  /// - Throws: ``SystemError`` if the address is unreachable, or no descriptor is left.
  package init(to address: SocketAddress) throws(SystemError) {
    descriptor = try Socket.makeDatagram(to: address)
  }

  /// Sends a datagram. It is lost if the system has no room for it, as any datagram may be.
  ///
  /// - Returns: whether the system took it.
  /// - Throws: ``SystemError`` if the destination is known to be closed, or the datagram is too long.
  @discardableResult
  package func send(_ bytes: [UInt8]) throws(SystemError) -> Bool {
    switch Socket.send(descriptor.number, bytes) {
    case .moved: true
    case .failed(let error): throw error
    case .wouldBlock, .ended: false
    }
  }
}
