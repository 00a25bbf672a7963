public import Reactor

/// What the connections of one loop share: the loop, a resolver, and the buffers that each needs for a moment only.
public final class Network {
  /// The loop on which everything here happens.
  public let loop: EventLoop
  /// Looks names up for all that the loop connects to.
  public let resolver: Resolver

  /// Every connection reads into this, and hands on what it read before the next one reads.
  var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
  /// Small chunks are copied together here, so that they leave in one write and one TLS record.
  var writeBuffer: [UInt8] = []

  /// A network on a loop.
  public init(on loop: EventLoop) throws(SystemError) {
    self.loop = loop
    resolver = try Resolver(on: loop)
    writeBuffer.reserveCapacity(Connection.writeUnit)
  }
}
