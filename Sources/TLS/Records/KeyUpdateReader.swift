/// Reads the only handshake message that a client may send after its handshake: KeyUpdate (RFC 8446, section 4.6.3).
/// Its bytes may come in several records.
struct KeyUpdateReader {
  /// How many bytes of a message have arrived; 0 between messages.
  private var count: UInt8 = 0

  /// The message.
  static func message(isAnswerRequested: Bool) -> [UInt8] { [24, 0, 0, 1, isAnswerRequested ? 1 : 0] }

  /// Whether a message has begun and is not complete.
  var isWithinMessage: Bool { count > 0 }

  /// What a record's bytes complete.
  enum Result: Equatable {
    /// The message is not complete.
    case incomplete
    /// The sender goes on with its next key, and perhaps wants this side to do so too.
    case keyUpdate(isAnswerRequested: Bool)
    /// The bytes are not allowed.
    case violation(TLSAlert)
  }

  /// Reads the content of a record.
  mutating func read(_ content: UnsafeRawBufferPointer) -> Result {
    // A record without a byte of a message (section 5.4).
    guard unsafe !content.isEmpty else { return .violation(.unexpectedMessage) }
    for index in content.indices {
      let byte = unsafe content[index]
      switch count {
      case 0 where byte != 24: return .violation(.unexpectedMessage)
      case 1 where byte != 0, 2 where byte != 0, 3 where byte != 1: return .violation(.decodeError)
      case 4:
        // The next record has another key, so the message must end its own (section 5.1).
        guard index == content.count - 1 else { return .violation(.unexpectedMessage) }
        guard byte <= 1 else { return .violation(.illegalParameter) }
        count = 0
        return .keyUpdate(isAnswerRequested: byte == 1)
      default: count += 1
      }
    }
    return .incomplete
  }
}
