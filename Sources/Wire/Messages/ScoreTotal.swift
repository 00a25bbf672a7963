import Primitives

/// An id and how often it was counted in a lineage.
package struct ScoreTotal: Equatable, Sendable {
  /// The id.
  package let id: ScoreID
  /// Its total.
  package let total: UInt64

  /// A pair for a message.
  package init(id: ScoreID, total: UInt64) {
    self.id = id
    self.total = total
  }
}

extension ScoreTotal {
  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.scoreID()
    total = try reader.varint(.scoreTotal)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(prefixed: id.utf8)
    writer.write(varint: total)
  }
}
