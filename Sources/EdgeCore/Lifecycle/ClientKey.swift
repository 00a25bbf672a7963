import Primitives

/// A key that a page chooses for itself. It distinguishes the page from others behind the same address.
package struct ClientKey: Hashable, Sendable {
  /// The length of a key in bytes. 16 random characters cannot be guessed.
  package static let allowedCount = 16...64

  /// The key's text.
  package let text: String

  /// Checks a key; nil unless it is ``allowedCount`` characters of `A-Z`, `a-z`, `0-9`, `_` and `-`.
  package init?(_ bytes: some Collection<UInt8>) {
    guard Self.allowedCount.contains(bytes.count),
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
    else { return nil }
    text = String(decoding: bytes, as: UTF8.self)
  }
}
