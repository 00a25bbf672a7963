import Primitives

/// The id behind `/subscribe/details/`: 1 to 64 bytes of `[A-Za-z0-9_-]`.
///
/// It is ASCII, so two are the same if and only if their bytes are. No list of known ids exists: one that nothing is
/// ever written about is a client that waits.
public struct DetailsID: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes.
  public static let maximumCount = 64

  /// The id as text.
  public let description: String

  /// Checks the bytes of a path segment, after it was percent-decoded once; nil if they are no id.
  public init?(_ bytes: some Collection<UInt8>) {
    guard (1...Self.maximumCount).contains(bytes.count),
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
    else { return nil }
    description = String(decoding: bytes, as: UTF8.self)
  }
}
