/// Sends datagrams to one address, and hears nothing.
public final class DatagramSocket {
  private let descriptor: FileDescriptor

  /// - Throws: ``SystemError`` if there is no way to the address, or no descriptor left.
  public init(to address: SocketAddress) throws(SystemError) {
    descriptor = try Socket.makeDatagram(to: address)
  }

  /// Sends a datagram; one for which the system has no room now is lost, as others may be later.
  ///
  /// - Throws: ``SystemError`` if it is known that nobody receives them, or if it is too long.
  public func send(_ bytes: [UInt8]) throws(SystemError) {
    if case .failed(let error) = Socket.send(descriptor.number, bytes) { throw error }
  }
}
