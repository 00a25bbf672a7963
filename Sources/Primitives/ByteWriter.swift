/// Appends integers and byte strings in the project's binary formats to a growing buffer.
///
/// Fixed-width integers are big-endian. A *varint* is unsigned LEB128 in its shortest form.
package struct ByteWriter: Sendable {
  /// The bytes written so far.
  package private(set) var bytes: [UInt8] = []

  /// An empty writer with room for `capacity` bytes.
  package init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// How many bytes were written.
  package var count: Int { bytes.count }

  /// Appends one byte.
  package mutating func write(_ value: UInt8) {
    bytes.append(value)
  }

  /// Appends two bytes, the most significant one first.
  package mutating func write(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  /// Appends four bytes, the most significant one first.
  package mutating func write(_ value: UInt32) {
    write(UInt16(truncatingIfNeeded: value >> 16))
    write(UInt16(truncatingIfNeeded: value))
  }

  /// Appends eight bytes, the most significant one first.
  package mutating func write(_ value: UInt64) {
    write(UInt32(truncatingIfNeeded: value >> 32))
    write(UInt32(truncatingIfNeeded: value))
  }

  /// Appends a varint: seven bits a byte, the least significant ones first, 1 to 10 bytes.
  package mutating func write(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends bytes as they are, without a length.
  package mutating func write(raw content: some Collection<UInt8>) {
    bytes.append(contentsOf: content)
  }

  /// Appends bytes after their count, a varint.
  package mutating func write(prefixed content: some Collection<UInt8>) {
    write(varint: UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// Overwrites four earlier bytes, for a length that is known only afterwards.
  package mutating func overwrite(_ value: UInt32, at index: Int) {
    bytes[index] = UInt8(truncatingIfNeeded: value >> 24)
    bytes[index + 1] = UInt8(truncatingIfNeeded: value >> 16)
    bytes[index + 2] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[index + 3] = UInt8(truncatingIfNeeded: value)
  }

  /// Discards the bytes and keeps the memory for the next use.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }
}
