/// One reply or pushed message in Redis's serialization protocol, version 2.
///
/// Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
package enum RESPValue: Equatable, Sendable {
  /// A short status such as `OK` or `QUEUED`.
  case simpleString(String)
  /// An error; its first word is a code such as `ERR`, `NOPERM` or `LOADING`.
  case error(String)
  /// A signed 64-bit integer.
  case integer(Int64)
  /// A binary-safe string; nil for a null reply.
  case bulk([UInt8]?)
  /// A list of values; nil for a null reply.
  case array([RESPValue]?)
}

/// A message published on a channel.
package struct PublishedMessage: Equatable, Sendable {
  /// The channel of the message.
  package let channel: [UInt8]
  /// The published bytes.
  package let payload: [UInt8]

  /// A message on a channel.
  package init(channel: [UInt8], payload: [UInt8]) {
    self.channel = channel
    self.payload = payload
  }
}

extension RESPValue {
  /// The published message in a push to a subscriber (`message`, or `pmessage` without its pattern); nil for any
  /// other value, such as the confirmation of a subscription.
  package var publishedMessage: PublishedMessage? {
    guard case .array(let elements?) = self, let first = elements.first, case .bulk(let kind?) = first else {
      return nil
    }
    let fieldCount = elements.count
    guard (fieldCount == 3 && kind == Self.message) || (fieldCount == 4 && kind == Self.patternMessage),
      case .bulk(let channel?) = elements[fieldCount - 2], case .bulk(let payload?) = elements[fieldCount - 1]
    else { return nil }
    return PublishedMessage(channel: channel, payload: payload)
  }

  private static let message = Array("message".utf8)
  private static let patternMessage = Array("pmessage".utf8)
}
