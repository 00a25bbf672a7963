import Primitives

/// A message, as it follows the type in a frame.
protocol Payload {
  /// The type in the frame.
  static var type: MessageType { get }

  /// The side that sends it; nil for both.
  static var sender: Peer? { get }

  /// The greatest length of its frame, in bytes: its type and its longest payload.
  ///
  /// A varint takes 1 byte up to 127, 2 up to 16,383, 3 up to 2,097,151, and 10 at most.
  static var maximumLength: Int { get }

  /// Reads all fields, within their limits.
  init(from reader: inout PayloadReader) throws(WireError)

  /// Appends all fields.
  func write(to writer: inout ByteWriter)
}
