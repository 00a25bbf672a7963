import Primitives

/// A message as it stands behind the type in a frame.
protocol Payload {
  /// The type that announces it.
  static var type: MessageType { get }

  /// Reads all fields, within their limits.
  init(from reader: inout PayloadReader) throws(WireError)

  /// Appends all fields.
  func write(to writer: inout ByteWriter)
}
