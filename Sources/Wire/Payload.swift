import Primitives

/// A message, as it follows the type in a frame.
protocol Payload {
  /// The type in the frame.
  static var type: MessageType { get }

  /// Reads all fields, within their limits.
  init(from reader: inout PayloadReader) throws(WireError)

  /// Appends all fields.
  func write(to writer: inout ByteWriter)
}
