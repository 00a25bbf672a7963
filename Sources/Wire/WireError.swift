/// Why bytes are not a message: the message, the field, and the allowed values.
///
/// Every such error ends the link with a ``GoAway`` for ``GoAway/Reason/protocolError``.
package enum WireError: Error, Equatable, Sendable {
  /// A frame has a length of 0, and so no type.
  case emptyFrame
  /// A frame exceeds the limit for all types.
  case frameTooLong(length: Int, limit: Int)
  /// No message has this type.
  case unknownType(UInt8)
  /// The other side sends messages of this type; this side must not.
  case wrongDirection(MessageType, from: Peer)
  /// A frame exceeds the limit of its type.
  case messageTooLong(MessageType, length: Int, limit: Int)
  /// The frame ends within a field.
  case truncated(MessageType, MessageField)
  /// The frame continues after the last field.
  case trailingBytes(MessageType, count: Int)
  /// A hello does not begin with `EMTR`.
  case wrongMagic
  /// A varint has more than 64 bits, or is not in its shortest form.
  case malformedVarint(MessageType, MessageField)
  /// A number is outside its limits.
  case outOfRange(MessageType, MessageField, value: UInt64, limits: ClosedRange<UInt64>)
  /// A byte string is shorter or longer than allowed.
  case lengthOutOfRange(MessageType, MessageField, length: UInt64, limits: ClosedRange<Int>)
  /// A number is not a value of its enumeration.
  case unknownValue(MessageType, MessageField, UInt8)
  /// A text is not valid UTF-8.
  case invalidUTF8(MessageType, MessageField)
  /// A text has a character that the field does not allow, or does not allow in that place.
  case forbiddenCharacter(MessageType, MessageField)
  /// Numbers that must ascend do not.
  case notAscending(MessageType, MessageField)
}

extension WireError: CustomStringConvertible {
  /// One sentence for a log or a ``GoAway``. It contains nothing that the peer sent except numbers.
  package var description: String {
    switch self {
    case .emptyFrame:
      "A frame has the length 0; it must hold at least a type."
    case .frameTooLong(let length, let limit):
      "A frame has a length of \(length) bytes; at most \(limit) are allowed."
    case .unknownType(let type):
      "A frame has the type \(type), which no message has."
    case .wrongDirection(let type, let peer):
      "A message '\(type)' came from the \(peer), which must not send it."
    case .messageTooLong(let type, let length, let limit):
      "A message '\(type)' has a length of \(length) bytes; at most \(limit) are allowed."
    case .truncated(let type, let field):
      "A message '\(type)' ends within its field '\(field)'."
    case .trailingBytes(let type, let count):
      "A message '\(type)' has \(count) bytes after its last field; none are allowed."
    case .wrongMagic:
      "A message 'hello' does not begin with the bytes 'EMTR'."
    case .malformedVarint(let type, let field):
      "A message '\(type)' has a varint in its field '\(field)' that is beyond 64 bits or not the shortest."
    case .outOfRange(let type, let field, let value, let limits):
      "A message '\(type)' has \(value) in its field '\(field)'; \(Self.text(limits)) is allowed."
    case .lengthOutOfRange(let type, let field, let length, let limits):
      "A message '\(type)' has \(length) bytes in its field '\(field)'; \(Self.text(limits)) are allowed."
    case .unknownValue(let type, let field, let value):
      "A message '\(type)' has the number \(value) in its field '\(field)', where it has no meaning."
    case .invalidUTF8(let type, let field):
      "A message '\(type)' has bytes in its field '\(field)' that are not valid UTF-8."
    case .forbiddenCharacter(let type, let field):
      "A message '\(type)' has a character in its field '\(field)' that is not allowed there."
    case .notAscending(let type, let field):
      "A message '\(type)' has numbers in its field '\(field)' that do not ascend."
    }
  }

  private static func text(_ limits: ClosedRange<some Comparable>) -> String {
    "\(limits.lowerBound) to \(limits.upperBound)"
  }
}
