import Primitives
import Wire

/// Ids in their order, at consecutive positions.
package struct RawRun: Equatable, Sendable {
  /// The position that the first id reached; the n-th id after it reached n more.
  package internal(set) var firstPosition: Position
  /// The ids in Redis's order.
  package internal(set) var ids: [ScoreID]

  /// The position of the last id, plus one.
  var endPosition: Position { firstPosition + Position(ids.count) }
}

/// The content of one flush: everything that changed since the previous one.
package struct ScoreFlush: Equatable, Sendable {
  /// The position of the previous flush.
  package let previousPosition: Position
  /// The position that the table had reached.
  package let position: Position
  /// The new totals of the ids that changed, in the order of their first change.
  package let totals: [ScoreTotal]
  /// The growth of ids that have no room in the table.
  package let untracked: [ScoreDelta]
  /// The ids in order. Usually one run; a repair in between starts another.
  package let raw: [RawRun]

  /// True if nothing changed.
  var isEmpty: Bool { totals.isEmpty && untracked.isEmpty && raw.isEmpty }
}

extension ScoreFlush {
  /// The messages for every edge, in order; none if only raw ids are due.
  ///
  /// - Parameter hubStampMicroseconds: the wall clock, used only to measure latency.
  package func scores(hubStampMicroseconds: UInt64) -> [Scores] {
    guard !(totals.isEmpty && untracked.isEmpty) else { return [] }
    return Scores.parts(
      previousPosition: previousPosition, position: position, hubStampMicroseconds: hubStampMicroseconds,
      entries: totals, untracked: untracked)
  }

  /// The messages for the edges with a client of the raw stream, in order.
  package var rawBatches: [RawBatch] {
    raw.flatMap { RawBatch.parts(firstPosition: $0.firstPosition, ids: $0.ids) }
  }

  /// How many raw ids there are.
  package var rawCount: Int { raw.reduce(0) { $0 + $1.ids.count } }
}
