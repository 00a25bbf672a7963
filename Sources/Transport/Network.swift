import Reactor

/// Shared by the connections of one loop: the loop, a resolver, and the buffers that each needs only briefly.
package final class Network {
  /// The loop of all these connections.
  package let loop: EventLoop
  /// Resolves the names of all peers.
  package let resolver: Resolver

  /// Every connection reads into this buffer, and passes the bytes on before the next one reads.
  var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
  /// Small chunks are joined here, so that they leave in one write and one TLS record.
  var writeBuffer: [UInt8] = []

  /// A network on a loop.
  package init(on loop: EventLoop) throws(SystemError) {
    self.loop = loop
    resolver = try Resolver(on: loop)
    writeBuffer.reserveCapacity(Connection.writeUnit)
  }
}
