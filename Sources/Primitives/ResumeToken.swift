/// The place in a history of totals from which a client wants to go on: `lineage:position`, as an event's `id:` says it.
///
/// A lineage has no colon, so a text is read in one way only. A position is written without leading zeros, so each
/// place has one spelling.
public struct ResumeToken: Hashable, Sendable {
  /// The greatest length, in bytes.
  public static let maximumCount = Lineage.maximumCount + 1 + maximumDigitCount

  /// Digits of the greatest 64-bit number.
  private static let maximumDigitCount = 20

  /// The history.
  public let lineage: Lineage
  /// How far the client has come in it.
  public let position: Position

  /// That place in that history.
  public init(lineage: Lineage, position: Position) {
    self.lineage = lineage
    self.position = position
  }

  /// Reads a token from bytes that may be anything; nil if they are none.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.maximumCount, let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
      return nil
    }
    let digits = bytes[bytes.index(after: colon)...]
    guard let lineage = Lineage(String(decoding: bytes[..<colon], as: UTF8.self)),
      let first = digits.first, digits.allSatisfy(\.isASCIIDigit),
      first != UInt8(ascii: "0") || digits.count == 1,
      let position = Position(String(decoding: digits, as: UTF8.self))
    else { return nil }
    self.init(lineage: lineage, position: position)
  }
}

extension ResumeToken: CustomStringConvertible {
  /// The token as text.
  public var description: String { "\(lineage):\(position)" }
}
