import Primitives

/// Asks the other side for a sign of life.
package struct Ping: Equatable, Sendable {
  /// The sender's monotonic clock in nanoseconds. It means nothing to the receiver, which returns it.
  package let stamp: UInt64

  /// A ping with this stamp.
  package init(stamp: UInt64) {
    self.stamp = stamp
  }
}

extension Ping: Payload {
  static let type = MessageType.ping
  static let sender: Peer? = nil
  static var maximumLength: Int { 1 + 8 }

  init(from reader: inout PayloadReader) throws(WireError) {
    stamp = try reader.uint64(.stamp)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(stamp)
  }
}
