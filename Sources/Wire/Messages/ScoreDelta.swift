public import Primitives

/// An id and how often it was counted since the previous message that named it.
public struct ScoreDelta: Equatable, Sendable {
  /// The id.
  public let id: ScoreID
  /// How often it was counted.
  public let delta: UInt64

  /// A pair for a message.
  public init(id: ScoreID, delta: UInt64) {
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
