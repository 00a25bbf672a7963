import Primitives

/// All totals of a lineage, or one part of them.
///
/// A table of more than ``RelayProtocol/maximumItemsPerMessage`` entries is several snapshots in a row with
/// the same lineage and position. The receiver merges each as it comes, and takes the position at the last.
package struct Snapshot: Equatable, Sendable {
  /// The lineage of the totals. A receiver with another lineage first forgets its totals.
  package let lineage: Lineage
  /// The position of the totals, once all parts are merged.
  package let position: Position
  /// True in the last part.
  package let isLast: Bool
  /// The totals; at most ``RelayProtocol/maximumItemsPerMessage``.
  package let entries: [ScoreTotal]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` entries.
  package init(lineage: Lineage, position: Position, isLast: Bool, entries: [ScoreTotal]) {
    precondition(entries.count <= RelayProtocol.maximumItemsPerMessage)
    self.lineage = lineage
    self.position = position
    self.isLast = isLast
    self.entries = entries
  }

  /// A table of any size as messages to send in order, with no scores between them.
  package static func parts(lineage: Lineage, position: Position, entries: [ScoreTotal]) -> [Snapshot] {
    let parts = entries.split(maximumCount: RelayProtocol.maximumItemsPerMessage)
    return parts.enumerated().map { index, part in
      Snapshot(lineage: lineage, position: position, isLast: index == parts.count - 1, entries: part)
    }
  }
}

extension Snapshot: Payload {
  static let type = MessageType.snapshot
  static let sender: Peer? = .hub
  static var maximumLength: Int {
    1 + (1 + 64) + 10 + 1 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 64 + 10)
  }

  init(from reader: inout PayloadReader) throws(WireError) {
    lineage = try reader.lineage()
    position = try reader.varint(.position)
    isLast = try reader.flag(.isLast)
    let count = try reader.varint(.entryCount, in: 0...RelayProtocol.maximumItemsPerMessage)
    entries = try reader.items(count: count, ScoreTotal.init(from:))
  }

  func write(to writer: inout ByteWriter) {
    writer.write(prefixed: lineage.description.utf8)
    writer.write(varint: position)
    writer.write(isLast ? 1 : 0 as UInt8)
    writer.write(varint: UInt64(entries.count))
    for entry in entries { entry.write(to: &writer) }
  }
}
