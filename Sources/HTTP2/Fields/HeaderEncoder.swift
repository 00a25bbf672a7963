import HTTP

/// Encodes the fields of responses (HPACK, RFC 7541), without a table and without state: blocks are the same for all
/// connections.
package enum HeaderEncoder {
  /// Appends the beginning of a block, and the status.
  package static func append(_ status: Status, to block: inout [UInt8]) {
    // The size of the dynamic table is 0: a peer that lowers its own limit waits for this.
    block.append(0x20)
    switch status {
    case .ok: block.append(0x88)
    case .noContent: block.append(0x89)
    case .badRequest: block.append(0x8c)
    case .notFound: block.append(0x8d)
    default: append(Array(":status".utf8), Array(String(status.rawValue).utf8), to: &block)
    }
  }

  /// Appends a field of a response; its name becomes lower case.
  package static func append(_ field: ResponseField, to block: inout [UInt8]) {
    append(
      field.name.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, Array(field.value.description.utf8),
      to: &block)
  }

  /// Appends a field as a literal that enters no table.
  package static func append(_ name: [UInt8], _ value: [UInt8], to block: inout [UInt8]) {
    let index = FieldTable.fixedIndex(of: name)
    append(index, bits: 4, to: &block)
    if index == 0 { append(string: name, to: &block) }
    append(string: value, to: &block)
  }

  private static func append(string: [UInt8], to block: inout [UInt8]) {
    append(string.count, bits: 7, to: &block)
    block.append(contentsOf: string)
  }

  private static func append(_ number: Int, bits: Int, to block: inout [UInt8]) {
    let limit = (1 << bits) - 1
    guard number >= limit else { return block.append(UInt8(number)) }
    block.append(UInt8(limit))
    var rest = number - limit
    while rest >= 0x80 {
      block.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    block.append(UInt8(rest))
  }
}

extension Response {
  /// The fields of the response as a block (RFC 9113 §8.3.2), without those of an HTTP/1 connection.
  package func headerBlock(in form: ResponseForm, date: HTTPDate?) -> [UInt8] {
    var block: [UInt8] = []
    HeaderEncoder.append(status, to: &block)
    for field in self.fields(in: form, date: date) { HeaderEncoder.append(field, to: &block) }
    return block
  }
}
