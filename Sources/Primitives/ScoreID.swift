import PlantedFaults

/// Why bytes are not a ``ScoreID``.
package enum ScoreIDError: String, Error, Equatable, Sendable, CaseIterable {
  case empty
  case tooLong
  case invalidUTF8
  case controlCharacter
}

/// The name of a score: `1F4C2`, `1F1EF-1F1F5`, or any other short text.
///
/// Ids are data, not a fixed list: 1 to 64 bytes of valid UTF-8 without control characters (U+0000…U+001F,
/// U+007F…U+009F). Two ids are equal if and only if their bytes are, as in Redis; `String` would also equate
/// canonically equivalent Unicode texts.
package struct ScoreID: Hashable, Sendable {
  /// The greatest length, in bytes.
  package static let maximumCount = 64

  /// The text of the id.
  package let utf8: [UInt8]

  /// Checks the bytes and keeps them.
  package init(_ bytes: [UInt8]) throws(ScoreIDError) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= Self.maximumCount else { throw .tooLong }
    utf8 = planted(.idsFolded) ? bytes.map { $0 & 0xdf } : bytes
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
    guard !text.unicodeScalars.contains(where: Self.isControl) else { throw .controlCharacter }
  }

  /// Checks the bytes and keeps a copy of them.
  package init(_ bytes: some Collection<UInt8>) throws(ScoreIDError) {
    try self.init(Array(bytes.prefix(Self.maximumCount + 1)))
  }

  /// Checks a text and keeps it.
  package init(_ text: String) throws(ScoreIDError) {
    try self.init(Array(text.utf8))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
  }
}

extension ScoreID: CustomStringConvertible {
  /// The id as text.
  package var description: String { String(decoding: utf8, as: UTF8.self) }
}

extension ScoreID: Comparable {
  /// The order of the bytes, which for UTF-8 is the order of the scalars.
  package static func < (left: ScoreID, right: ScoreID) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
