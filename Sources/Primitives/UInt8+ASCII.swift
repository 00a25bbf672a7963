extension UInt8 {
  /// True for `0` to `9`.
  package var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }

  /// True for `A` to `Z` and `a` to `z`.
  package var isASCIILetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7a }

  /// True for letters and digits.
  package var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
}
