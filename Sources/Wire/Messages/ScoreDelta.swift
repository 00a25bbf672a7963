import Primitives

/// An id and how often it was counted since the previous message that named it.
package struct ScoreDelta: Equatable, Sendable {
  /// The id.
  package let id: ScoreID
  /// How often it was counted.
  package let delta: UInt64

  /// A pair for a message.
  package init(id: ScoreID, delta: UInt64) {
    self.id = id
    self.delta = delta
  }
}

extension ScoreDelta {
  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.scoreID()
    delta = try reader.varint(.scoreDelta)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(prefixed: id.utf8)
    writer.write(varint: delta)
  }
}
