/// Decodes blocks of header fields (HPACK, RFC 7541).
///
/// Between two blocks it keeps the fields that the peer added to its table: none as a rule, and at most 4,096 bytes. A
/// block is decoded to its end even if its fields exceed a limit, because the next block builds on it.
package struct HeaderDecoder: Sendable {
  private var table = FieldTable()

  /// A decoder for a new connection.
  package init() {}

  /// Decodes a complete block.
  ///
  /// - Parameter received: is passed each field. It must bound what it keeps: one byte can name a field of 4 KB.
  /// - Throws: the block is malformed, and no later block could be decoded.
  package mutating func decode(
    _ block: [UInt8], received: (HeaderField) -> Void
  ) throws(HTTP2ErrorCode) {
    var rest = block[...]
    var mayResize = true
    while let byte = rest.first {
      if byte & 0xe0 == 0x20 {
        guard mayResize, table.setMaximum(try Self.number(from: &rest, bits: 5)) else {
          throw .compressionError
        }
        continue
      }
      mayResize = false
      if byte & 0x80 != 0 {
        guard let field = table.field(at: try Self.number(from: &rest, bits: 7)) else {
          throw .compressionError
        }
        received(field)
      } else {
        let isAdded = byte & 0x40 != 0
        let field = try literal(from: &rest, bits: isAdded ? 6 : 4)
        if isAdded { table.add(field) }
        received(field)
      }
    }
  }

  private func literal(
    from rest: inout ArraySlice<UInt8>, bits: Int
  ) throws(HTTP2ErrorCode) -> HeaderField {
    let index = try Self.number(from: &rest, bits: bits)
    let name: [UInt8]
    if index == 0 {
      name = try Self.string(from: &rest)
    } else {
      guard let field = table.field(at: index) else { throw .compressionError }
      name = field.name
    }
    return HeaderField(name, try Self.string(from: &rest))
  }

  /// Takes a number whose first bits are in a byte with others (RFC 7541 §5.1). Numbers from 2²¹ on are refused: no
  /// block is that long.
  private static func number(
    from rest: inout ArraySlice<UInt8>, bits: Int
  ) throws(HTTP2ErrorCode) -> Int {
    guard let first = rest.popFirst() else { throw .compressionError }
    let limit = (1 << bits) - 1
    var value = Int(first) & limit
    guard value == limit else { return value }
    for shift in [0, 7, 14] {
      guard let byte = rest.popFirst() else { throw .compressionError }
      value += Int(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw .compressionError
  }

  private static func string(from rest: inout ArraySlice<UInt8>) throws(HTTP2ErrorCode) -> [UInt8] {
    guard let first = rest.first else { throw .compressionError }
    let count = try number(from: &rest, bits: 7)
    guard count <= rest.count else { throw .compressionError }
    let bytes = rest.prefix(count)
    rest = rest.dropFirst(count)
    guard first & 0x80 != 0 else { return Array(bytes) }
    guard let decoded = HuffmanCode.decode(bytes) else { throw .compressionError }
    return decoded
  }
}
