extension [UInt8] {
  /// Appends a number in decimal digits, without an intermediate string.
  mutating func append(decimal value: UInt64) {
    var divisor: UInt64 = 1
    while value / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends a number in hexadecimal digits, without an intermediate string.
  mutating func append(hexadecimal value: UInt64) {
    var shift = (UInt64.bitWidth - 1 - value.leadingZeroBitCount) / 4 * 4
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift) & 0xf)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
      shift -= 4
    }
  }

  /// Appends a JSON string in its quotes (RFC 8259 §7). Bytes beyond ASCII are not escaped.
  mutating func append(jsonString utf8: some Collection<UInt8>) {
    append(UInt8(ascii: "\""))
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case .lineFeed: append(contentsOf: "\\n".utf8)
      case .carriageReturn: append(contentsOf: "\\r".utf8)
      case .horizontalTab: append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        append(contentsOf: "\\u00".utf8)
        append(contentsOf: byte < 0x10 ? "0".utf8 : "1".utf8)
        append(contentsOf: String(byte & 0xf, radix: 16).utf8)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
