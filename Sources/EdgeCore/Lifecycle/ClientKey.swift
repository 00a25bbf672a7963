import Primitives

/// A name that a page chose for itself, so that it can be told from another page behind the same address.
public struct ClientKey: Hashable, Sendable {
  /// How long a key may be, in bytes: long enough that nobody guesses one.
  public static let allowedCount = 16...64

  /// The key.
  public let text: String

  /// A key; nil unless it is ``allowedCount`` characters of `A-Z`, `a-z`, `0-9`, `_` and `-`.
  public init?(_ bytes: some Collection<UInt8>) {
    guard Self.allowedCount.contains(bytes.count),
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
    else { return nil }
    text = String(decoding: bytes, as: UTF8.self)
  }
}
