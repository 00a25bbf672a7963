import Primitives
import Wire

/// An update for clients, merged from the messages of several hubs: each once, whole, and in order.
package enum MergedUpdate: Equatable, Sendable {
  /// A whole snapshot or flush.
  case totals(MergedTotals)
  /// Raw ids, in order.
  case raw(RawBatch)
  /// An event of a topic.
  case topicEvent(TopicEvent)
  /// A hub had to skip something for this edge.
  case gap(Gap)
}

/// A snapshot or a flush, assembled from its messages. In between, the totals would belong to no place, and no client
/// could be given one.
package struct MergedTotals: Equatable, Sendable {
  /// The history that the totals belong to.
  package let lineage: Lineage
  /// The position that the totals reach.
  package let position: Position
  /// All totals of a snapshot, or the changed ones of a flush.
  package let entries: [ScoreTotal]
  /// Growth of ids without a total.
  package let untracked: [ScoreDelta]
  /// Whether it is a snapshot.
  package let isSnapshot: Bool
  /// The hub's wall clock at the flush, in microseconds since 1970; nil for a snapshot.
  package let hubStampMicroseconds: UInt64?

  /// A snapshot.
  package init(snapshotOf lineage: Lineage, position: Position, entries: [ScoreTotal]) {
    self.lineage = lineage
    self.position = position
    self.entries = entries
    untracked = []
    isSnapshot = true
    hubStampMicroseconds = nil
  }

  /// A flush.
  package init(
    flushOf lineage: Lineage, position: Position, entries: [ScoreTotal], untracked: [ScoreDelta] = [],
    hubStampMicroseconds: UInt64 = 0
  ) {
    self.lineage = lineage
    self.position = position
    self.entries = entries
    self.untracked = untracked
    isSnapshot = false
    self.hubStampMicroseconds = hubStampMicroseconds
  }
}

extension MergedTotals {
  /// Joins the parts of a snapshot.
  init(_ parts: [Snapshot], in lineage: Lineage, position: Position) {
    self.init(
      snapshotOf: lineage, position: position,
      entries: parts.count == 1 ? parts[0].entries : parts.flatMap(\.entries))
  }

  /// Joins the parts of a flush.
  ///
  /// - Parameter hasUntracked: whether to include growth without totals; it cannot be merged, so it comes from one
  ///   hub only.
  init(_ parts: [Scores], in lineage: Lineage, position: Position, hasUntracked: Bool) {
    self.init(
      flushOf: lineage, position: position,
      entries: parts.count == 1 ? parts[0].entries : parts.flatMap(\.entries),
      untracked: hasUntracked ? parts.flatMap(\.untracked) : [],
      hubStampMicroseconds: parts.first?.hubStampMicroseconds ?? 0)
  }
}
