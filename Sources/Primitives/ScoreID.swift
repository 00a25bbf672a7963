/// Why bytes are not a ``ScoreID``.
public enum ScoreIDError: String, Error, Equatable, Sendable, CaseIterable {
  case empty
  case tooLong
  case invalidUTF8
  case controlCharacter
}

/// The name of something that is scored: `1F4C2`, `1F1EF-1F1F5`, or any other short text.
///
/// Ids are data, not a list we know: 1 to 64 bytes of valid UTF-8 without control characters (U+0000…U+001F,
/// U+007F…U+009F). Two ids are the same if and only if their bytes are, as in Redis; `String` would also
/// equate different bytes that Unicode calls canonically equivalent.
public struct ScoreID: Hashable, Sendable {
  /// The greatest length, in bytes.
  public static let maximumCount = 64

  /// The text of the id.
  public let utf8: [UInt8]

  /// Checks the bytes and keeps a copy of them.
  public init(_ bytes: some Collection<UInt8>) throws(ScoreIDError) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= Self.maximumCount else { throw .tooLong }
    let copy = Array(bytes)
    if copy.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
      utf8 = copy
      return
    }
    guard let text = String(validating: copy, as: UTF8.self) else { throw .invalidUTF8 }
    let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }
    guard !text.unicodeScalars.contains(where: isControl) else { throw .controlCharacter }
    utf8 = copy
  }

  /// Checks a text and keeps it.
  public init(_ text: String) throws(ScoreIDError) {
    try self.init(Array(text.utf8))
  }
}

extension ScoreID: CustomStringConvertible {
  /// The id as text.
  public var description: String { String(decoding: utf8, as: UTF8.self) }
}

extension ScoreID: Comparable {
  /// The order of the bytes, which for UTF-8 is the order of the scalars.
  public static func < (left: ScoreID, right: ScoreID) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
