/// The place in a history of totals from which a client resumes, as in an event's `id:`: `lineage:position:check`.
///
/// The check depends on the totals at the position (``Checksum/check``). Two histories of one name may have diverged,
/// for instance where Redis came back from an older dump; then their checks differ. A token without a check
/// (`lineage:position`) comes from an edge of version 0.1, or from one that keeps no totals of some ids, and counts
/// as right.
///
/// A lineage has no colon, so a text can be read in only one way. A position is written without leading zeros, and a
/// check as eight hexadecimal digits in lower case, so each place has one spelling.
package struct ResumeToken: Hashable, Sendable {
  /// The greatest length, in bytes.
  package static let maximumCount = Lineage.maximumCount + 1 + maximumDigitCount + 1 + checkDigitCount

  /// Digits of the greatest 64-bit number.
  private static let maximumDigitCount = 20
  private static let checkDigitCount = 8

  /// The history.
  package let lineage: Lineage
  /// The position that the client has reached in it.
  package let position: Position
  /// The check of the totals there; nil if the token has none.
  package let check: UInt32?

  /// A place in a history.
  package init(lineage: Lineage, position: Position, check: UInt32? = nil) {
    self.lineage = lineage
    self.position = position
    self.check = check
  }

  /// Parses a token from arbitrary bytes; nil if they are not a token.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.maximumCount else { return nil }
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let lineage = Lineage(String(decoding: parts[0], as: UTF8.self)),
      let first = parts[1].first, parts[1].allSatisfy(\.isASCIIDigit),
      first != UInt8(ascii: "0") || parts[1].count == 1,
      let position = Position(String(decoding: parts[1], as: UTF8.self))
    else { return nil }
    guard parts.count == 3 else {
      self.init(lineage: lineage, position: position)
      return
    }
    guard parts[2].count == Self.checkDigitCount,
      parts[2].allSatisfy({ $0.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }),
      let check = UInt32(String(decoding: parts[2], as: UTF8.self), radix: 16)
    else { return nil }
    self.init(lineage: lineage, position: position, check: check)
  }

  /// The same place without its check.
  package var unchecked: ResumeToken { ResumeToken(lineage: lineage, position: position) }

  /// Whether both can be the same place of the same history: checks are compared only if both have one.
  package func agrees(with other: ResumeToken) -> Bool {
    guard unchecked == other.unchecked else { return false }
    guard let check, let others = other.check else { return true }
    return check == others
  }
}

extension ResumeToken: CustomStringConvertible {
  /// The token as text.
  package var description: String {
    guard let check else { return "\(lineage):\(position)" }
    let digits = String(check, radix: 16)
    return "\(lineage):\(position):" + String(repeating: "0", count: Self.checkDigitCount - digits.utf8.count)
      + digits
  }
}
