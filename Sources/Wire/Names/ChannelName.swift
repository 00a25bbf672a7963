import Primitives

/// The name of an interaction channel, which clients see as the event's name: 1 to 128 bytes of
/// `[A-Za-z0-9._-]`.
package struct ChannelName: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes.
  package static let maximumCount = 128

  /// The name. It is ASCII, so two names are equal if and only if their bytes are.
  package let description: String

  /// Checks a name; nil if it is invalid.
  package init?(_ text: String) {
    guard (1...Self.maximumCount).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy(Self.isAllowed) else { return nil }
    description = text
  }

  /// Checks arbitrary bytes; nil if they are not a name.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.maximumCount else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }
}
