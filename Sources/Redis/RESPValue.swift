/// One reply or pushed message in Redis's serialization protocol, version 2.
///
/// Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
public enum RESPValue: Equatable, Sendable {
  /// A short status such as `OK` or `QUEUED`.
  case simpleString(String)
  /// A refusal; its first word is a code such as `ERR`, `NOPERM` or `LOADING`.
  case error(String)
  /// A signed 64-bit integer.
  case integer(Int64)
  /// A binary-safe string; nil where there is none.
  case bulk([UInt8]?)
  /// A list of values; nil where there is none.
  case array([RESPValue]?)
}

/// What somebody published on a channel.
public struct PublishedMessage: Equatable, Sendable {
  /// The channel that it was published on.
  public let channel: [UInt8]
  /// What was published.
  public let payload: [UInt8]

  /// A message on a channel.
  public init(channel: [UInt8], payload: [UInt8]) {
    self.channel = channel
    self.payload = payload
  }
}

extension RESPValue {
  /// The published message that this value pushes to a subscriber (`message`, or `pmessage` with its pattern left out);
  /// nil if it is anything else, such as the confirmation of a subscription.
  public var publishedMessage: PublishedMessage? {
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
