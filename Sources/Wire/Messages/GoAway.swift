import Primitives

/// The last message of the side that ends the link: the reason, and when to reconnect.
package struct GoAway: Equatable, Sendable {
  /// Why one side ends the link.
  package enum Reason: UInt8, Sendable, CaseIterable {
    /// The sender is shutting down.
    case shutdown = 1
    /// A newer link of the same node took this one's place.
    case replaced = 2
    /// The name in the hello is not in the certificate.
    case identityMismatch = 3
    /// The two sides have no version in common.
    case versionMismatch = 4
    /// The receiver violated the protocol; the text gives the details.
    case protocolError = 5
    /// The sender, or the link's backlog, is beyond a limit.
    case overloaded = 6
    /// Nothing was heard from the receiver for too long.
    case idle = 7
  }

  /// The greatest wait before a new link, in milliseconds: one hour.
  package static let maximumRetryAfterMilliseconds = 3_600_000
  /// The greatest length of the text, in bytes of UTF-8.
  package static let maximumTextCount = 256

  /// Why the link ends.
  package let reason: Reason
  /// How long the receiver should wait before it makes a new link, in milliseconds; 0 leaves it to the
  /// receiver.
  package let retryAfterMilliseconds: Int
  /// Details for a human reader; may be empty.
  package let text: String

  /// The last message of a link. A text longer than ``maximumTextCount`` is cut between two Unicode scalars.
  ///
  /// - Precondition: the wait is within 0 and ``maximumRetryAfterMilliseconds``.
  package init(reason: Reason, retryAfterMilliseconds: Int = 0, text: String = "") {
    precondition((0...Self.maximumRetryAfterMilliseconds).contains(retryAfterMilliseconds))
    self.reason = reason
    self.retryAfterMilliseconds = retryAfterMilliseconds
    self.text = text.cut(maximumCount: Self.maximumTextCount)
  }
}

extension GoAway: Payload {
  static let type = MessageType.goAway
  static let sender: Peer? = nil
  static var maximumLength: Int { 1 + 1 + 4 + (2 + maximumTextCount) }

  init(from reader: inout PayloadReader) throws(WireError) {
    reason = try reader.choice(.reason)
    retryAfterMilliseconds = try reader.varint(.retryAfter, in: 0...Self.maximumRetryAfterMilliseconds)
    text = try reader.text(.text, count: 0...Self.maximumTextCount)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(reason.rawValue)
    writer.write(varint: UInt64(retryAfterMilliseconds))
    writer.write(prefixed: text.utf8)
  }
}
