/// Finds the body in the bytes of a chunked response (RFC 9112 §7.1), with a few words of state per client and no
/// allocation.
///
/// It trusts the server as far as a benchmark may: sizes are read, the rest of their lines is skipped.
struct ChunkScanner: Equatable, Sendable {
  private enum Place: UInt8 { case size, sizeLine, data, dataEnd, over }

  private var place = Place.size
  private var left = 0

  /// Whether the last chunk has arrived: a connection that ends after it ends in order.
  var isOver: Bool { place == .over }

  /// The next run of bytes that belong to the body; nil if the rest contains none.
  ///
  /// - Parameter index: where to begin; advanced past the scanned bytes.
  mutating func nextRun(in bytes: Span<UInt8>, from index: inout Int) -> Range<Int>? {
    while index < bytes.count {
      let byte = bytes[index]
      switch place {
      case .data:
        let run = index..<min(bytes.count, index + left)
        index = run.upperBound
        left -= run.count
        if left == 0 { place = .dataEnd }
        return run
      case .size:
        if let digit = Self.digit(byte) {
          left = left << 4 | digit
        } else if byte == UInt8(ascii: "\n") {
          place = left == 0 ? .over : .data
        } else {
          place = .sizeLine
        }
      case .sizeLine: if byte == UInt8(ascii: "\n") { place = left == 0 ? .over : .data }
      case .dataEnd: if byte == UInt8(ascii: "\n") { place = .size }
      case .over: break
      }
      index += 1
    }
    return nil
  }

  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
