import Primitives

/// Answers a ``Ping``.
package struct Pong: Equatable, Sendable {
  /// The stamp of the ping that is answered.
  package let stamp: UInt64

  /// The answer to a ping with that stamp.
  package init(stamp: UInt64) {
    self.stamp = stamp
  }
}

extension Pong: Payload {
  static let type = MessageType.pong
  static let sender: Peer? = nil
  static var maximumLength: Int { 1 + 8 }

  init(from reader: inout PayloadReader) throws(WireError) {
    stamp = try reader.uint64(.stamp)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(stamp)
  }
}
