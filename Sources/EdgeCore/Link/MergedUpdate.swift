import Primitives
public import Wire

/// What of several hubs' messages goes on to the clients: each once, whole, and in order.
public enum MergedUpdate: Equatable, Sendable {
  /// All of a snapshot, or of a flush.
  case totals(MergedTotals)
  /// Ids that came, in order.
  case raw(RawBatch)
  /// An event of a topic.
  case topicEvent(TopicEvent)
  /// A hub had to skip something for this edge.
  case gap(Gap)
}

/// A snapshot or a flush, put together of the messages in which it came. In between the totals would be those of no place,
/// and no client could be told where it is.
public struct MergedTotals: Equatable, Sendable {
  /// The history that the totals belong to.
  public let lineage: Lineage
  /// The place that they reach.
  public let position: Position
  /// All totals if it is a snapshot, else those that changed.
  public let entries: [ScoreTotal]
  /// Growth of ids that no totals are kept of.
  public let untracked: [ScoreDelta]
  /// True if it is a snapshot.
  public let isSnapshot: Bool
  /// What the hub's clock said at the flush, in microseconds since 1970; nil of a snapshot.
  public let hubStampMicroseconds: UInt64?

  /// A snapshot.
  public init(snapshotOf lineage: Lineage, position: Position, entries: [ScoreTotal]) {
    self.lineage = lineage
    self.position = position
    self.entries = entries
    untracked = []
    isSnapshot = true
    hubStampMicroseconds = nil
  }

  /// A flush.
  public init(
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
  /// The parts of a snapshot, joined.
  init(_ parts: [Snapshot], in lineage: Lineage, position: Position) {
    self.init(
      snapshotOf: lineage, position: position,
      entries: parts.count == 1 ? parts[0].entries : parts.flatMap(\.entries))
  }

  /// The parts of a flush, joined.
  ///
  /// - Parameter hasUntracked: whether growth without totals goes on; it can not be merged, and is taken from one hub.
  init(_ parts: [Scores], in lineage: Lineage, position: Position, hasUntracked: Bool) {
    self.init(
      flushOf: lineage, position: position,
      entries: parts.count == 1 ? parts[0].entries : parts.flatMap(\.entries),
      untracked: hasUntracked ? parts.flatMap(\.untracked) : [],
      hubStampMicroseconds: parts.first?.hubStampMicroseconds ?? 0)
  }
}
