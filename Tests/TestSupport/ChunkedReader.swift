/// Parses a chunked body (RFC 9112 §7.1), byte by byte and strictly: no extensions, no trailers, and leading zeros in a size only
/// if they are allowed.
package struct ChunkedReader: Sendable {
  /// The result of a byte.
  package enum Piece: Equatable, Sendable {
    /// A byte of the body.
    case byte(UInt8)
    /// The end of a chunk.
    case chunkEnded
  }

  private enum Place { case size, sizeEnd, data, dataEnd, dataLineEnd, end, endLine, ended, malformed }

  private var place = Place.size
  private var digits = 0
  private var left: UInt64 = 0

  private let allowsZeros: Bool

  /// A reader that waits for the first chunk.
  ///
  /// - Parameter allowsZeros: whether a size may have leading zeros.
  package init(allowsZeros: Bool = false) { self.allowsZeros = allowsZeros }

  /// Whether the last, empty chunk has arrived.
  package var isEnded: Bool { place == .ended }
  /// Whether a byte violated the format, or followed the last chunk.
  package var isMalformed: Bool { place == .malformed }
  /// Whether a chunk has just ended, or none has begun.
  package var isBetweenChunks: Bool { place == .ended || place == .size && digits == 0 }

  /// Takes the next byte; nil if it belongs to the framing.
  package mutating func append(_ byte: UInt8) -> Piece? {
    switch (place, byte) {
    case (.size, UInt8(ascii: "\r")) where digits > 0: place = .sizeEnd
    case (.size, _) where digits < 15 && (allowsZeros || !(digits == 1 && left == 0)):
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        place = .malformed
        return nil
      }
      left = left * 16 + UInt64(digit)
      digits += 1
    case (.sizeEnd, UInt8(ascii: "\n")):
      place = left == 0 ? .end : .data
      digits = 0
    case (.data, _):
      left -= 1
      if left == 0 { place = .dataEnd }
      return .byte(byte)
    case (.dataEnd, UInt8(ascii: "\r")): place = .dataLineEnd
    case (.dataLineEnd, UInt8(ascii: "\n")):
      place = .size
      return .chunkEnded
    case (.end, UInt8(ascii: "\r")): place = .endLine
    case (.endLine, UInt8(ascii: "\n")): place = .ended
    default: place = .malformed
    }
    return nil
  }
}
