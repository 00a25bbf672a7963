extension String {
  /// The longest prefix of whole Unicode scalars that fits `maximumCount` bytes of UTF-8.
  func cut(maximumCount: Int) -> String {
    if utf8.count <= maximumCount { return self }
    var end = utf8.index(startIndex, offsetBy: maximumCount)
    while utf8[end] & 0xc0 == 0x80 { end = utf8.index(before: end) }
    return String(decoding: utf8[..<end], as: UTF8.self)
  }
}
