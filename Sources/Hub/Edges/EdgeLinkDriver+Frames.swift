extension EdgeLinkDriver {
  /// The number of frames in encoded bytes. Each frame begins with its length (PROTOCOL.md).
  static func frameCount(of bytes: [UInt8]) -> Int {
    var count = 0
    var index = 0
    while index + 4 <= bytes.count {
      index += 4 + bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
      count += 1
    }
    return count
  }
}
