/// The name of one unbroken history of totals. Within a lineage, totals only grow, apart from corrections.
///
/// It is kept in Redis beside the totals, and replaced when they go backwards (a flushed or restored Redis).
/// 1 to 64 bytes of `[A-Za-z0-9]`.
package struct Lineage: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes.
  package static let maximumCount = 64

  /// The name.
  package let description: String

  /// Checks a name; nil if it is invalid.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...Self.maximumCount).contains(bytes.count) else { return nil }
    guard bytes.allSatisfy({ $0.isASCIIAlphanumeric }) else { return nil }
    description = text
  }

  /// A new name of 16 hexadecimal digits.
  package init(using random: inout some RandomNumberGenerator) {
    let digits = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
    description = String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// The number of score increments that ever happened in a lineage: the sum of all its totals.
///
/// Redis executes one command at a time, so at one position the totals are the same everywhere.
package typealias Position = UInt64
