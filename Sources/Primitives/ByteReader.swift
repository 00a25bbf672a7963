import PlantedFaults

/// Why a ``ByteReader`` could not read a value.
package enum ByteReaderError: Error, Equatable, Sendable {
  /// The bytes end before the value does.
  case truncated
  /// A varint has more than 64 bits, or is not in its shortest form.
  case malformedVarint
  /// The count of a byte string exceeds its limit.
  case tooLong(count: UInt64, limit: Int)
}

/// Reads the formats of ``ByteWriter`` from a region of a buffer, never past its end.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var index: Int
  private let end: Int

  /// A reader of one region of a buffer.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  /// A reader of a whole buffer.
  package init(_ bytes: [UInt8]) {
    self.init(bytes, in: 0..<bytes.count)
  }

  /// How many bytes have not been read.
  package var remaining: Int { end - index }

  /// Reads one byte.
  package mutating func readUInt8() throws(ByteReaderError) -> UInt8 {
    guard index < end else { throw .truncated }
    defer { index += 1 }
    return bytes[index]
  }

  /// Reads four bytes, the most significant one first.
  package mutating func readUInt32() throws(ByteReaderError) -> UInt32 {
    UInt32(truncatingIfNeeded: try readBigEndian(count: 4))
  }

  /// Reads eight bytes, the most significant one first.
  package mutating func readUInt64() throws(ByteReaderError) -> UInt64 {
    try readBigEndian(count: 8)
  }

  /// Reads a varint in its shortest form.
  package mutating func readVarint() throws(ByteReaderError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readUInt8()
      let bits = UInt64(byte & 0x7f)
      if shift == 63 && bits > 1 { throw .malformedVarint }
      value |= planted(.varintTruncated) && shift >= 28 ? 0 : bits << shift
      if byte & 0x80 == 0 {
        if byte == 0 && shift > 0 { throw .malformedVarint }
        return value
      }
      shift += 7
      if shift > 63 { throw .malformedVarint }
    }
  }

  /// Reads that many bytes.
  package mutating func readBytes(count: Int) throws(ByteReaderError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw .truncated }
    defer { index += count }
    return bytes[index..<index + count]
  }

  /// Reads a byte string after its count.
  ///
  /// - Parameter limit: the greatest count that is accepted, in bytes.
  package mutating func readPrefixed(limit: Int) throws(ByteReaderError) -> ArraySlice<UInt8> {
    let count = try readVarint()
    guard count <= UInt64(limit) else { throw .tooLong(count: count, limit: limit) }
    return try readBytes(count: Int(count))
  }

  private mutating func readBigEndian(count: Int) throws(ByteReaderError) -> UInt64 {
    guard count <= remaining else { throw .truncated }
    var value: UInt64 = 0
    for offset in 0..<count { value = value << 8 | UInt64(bytes[index + offset]) }
    index += count
    return value
  }
}
