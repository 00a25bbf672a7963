import Primitives

/// The totals that changed since the previous flush, in the lineage of the last snapshot.
package struct Scores: Equatable, Sendable {
  /// The position that the receiver reaches by merging this message, unless it is already beyond.
  package let position: Position
  /// When the hub flushed, in microseconds since 1970 by its wall clock. Used only to measure latency.
  package let hubStampMicroseconds: UInt64
  /// The new totals.
  package let entries: [ScoreTotal]
  /// The growth of ids without a total, because the hub already tracks its maximum of ids.
  package let untracked: [ScoreDelta]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` entries and untracked ids
  ///   together.
  package init(
    position: Position, hubStampMicroseconds: UInt64, entries: [ScoreTotal], untracked: [ScoreDelta] = []
  ) {
    precondition(entries.count + untracked.count <= RelayProtocol.maximumItemsPerMessage)
    self.position = position
    self.hubStampMicroseconds = hubStampMicroseconds
    self.entries = entries
    self.untracked = untracked
  }

  /// A flush of any size as messages to send in order.
  ///
  /// Only the last one carries the new position, since only then has the receiver all its totals; the others repeat
  /// the position of the previous flush. A flush that fits is one message that shares the arrays.
  package static func parts(
    previousPosition: Position,
    position: Position,
    hubStampMicroseconds: UInt64,
    entries: [ScoreTotal],
    untracked: [ScoreDelta] = []
  ) -> [Scores] {
    let limit = RelayProtocol.maximumItemsPerMessage
    if entries.count + untracked.count <= limit {
      return [
        Scores(
          position: position, hubStampMicroseconds: hubStampMicroseconds, entries: entries,
          untracked: untracked)
      ]
    }
    let contents: [(entries: [ScoreTotal], untracked: [ScoreDelta])] =
      (entries.isEmpty ? [] : entries.split(maximumCount: limit)).map { ($0, []) }
      + (untracked.isEmpty ? [] : untracked.split(maximumCount: limit)).map { ([], $0) }
    return contents.enumerated().map { index, content in
      Scores(
        position: index == contents.count - 1 ? position : previousPosition,
        hubStampMicroseconds: hubStampMicroseconds, entries: content.entries, untracked: content.untracked)
    }
  }
}

extension Scores: Payload {
  static let type = MessageType.scores
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 8 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 64 + 10) + 2 }

  init(from reader: inout PayloadReader) throws(WireError) {
    position = try reader.varint(.position)
    hubStampMicroseconds = try reader.uint64(.hubStamp)
    let limit = RelayProtocol.maximumItemsPerMessage
    let entryCount = try reader.varint(.entryCount, in: 0...limit)
    entries = try reader.items(count: entryCount, ScoreTotal.init(from:))
    let untrackedCount = try reader.varint(.untrackedCount, in: 0...limit - entryCount)
    untracked = try reader.items(count: untrackedCount, ScoreDelta.init(from:))
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: position)
    writer.write(hubStampMicroseconds)
    writer.write(varint: UInt64(entries.count))
    for entry in entries { entry.write(to: &writer) }
    writer.write(varint: UInt64(untracked.count))
    for entry in untracked { entry.write(to: &writer) }
  }
}
