import Primitives

/// The id in a details topic, as in a client's path: 1 to 64 bytes of `[A-Za-z0-9_-]`.
///
/// It is narrower than a `ScoreID`: an id that no path can name needs no topic.
package struct TopicID: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes.
  package static let maximumCount = 64

  /// The id. It is ASCII, so two ids are equal if and only if their bytes are.
  package let description: String

  /// Checks an id; nil if it is invalid.
  package init?(_ text: String) {
    guard (1...Self.maximumCount).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy(Self.isAllowed) else { return nil }
    description = text
  }

  /// Checks arbitrary bytes; nil if they are not an id.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.maximumCount else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }
}
