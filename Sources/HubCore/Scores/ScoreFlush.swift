import Primitives

/// An id with a number of increments: all that ever were (a total) or those since some moment (a delta).
public struct ScoreCount: Equatable, Sendable {
  /// What was scored.
  public let id: ScoreID
  /// How often.
  public let count: UInt64

  /// An id with its count.
  public init(id: ScoreID, count: UInt64) {
    self.id = id
    self.count = count
  }
}

/// Ids as they came, at consecutive positions.
public struct RawRun: Equatable, Sendable {
  /// The position that the first id reached; the n-th id after it reached n more.
  public internal(set) var firstPosition: Position
  /// The ids in Redis's order.
  public internal(set) var ids: [ScoreID]

  /// The position behind the last id.
  var endPosition: Position { firstPosition &+ Position(ids.count) }
}

/// What one flush tells the edges: everything that changed since the flush before.
public struct ScoreFlush: Equatable, Sendable {
  /// The position that the table had reached.
  public let position: Position
  /// The new totals of the ids that changed, in the order of their first change.
  public let totals: [ScoreCount]
  /// The growth of ids beyond those that the table has room for.
  public let untracked: [ScoreCount]
  /// The ids that came, in order. Usually one run; a repair in between starts another.
  public let raw: [RawRun]

  /// True if nothing changed.
  var isEmpty: Bool { totals.isEmpty && untracked.isEmpty && raw.isEmpty }
}

/// All tracked totals at one position of one lineage: what an edge merges before it can follow the flushes.
public struct ScoreSnapshot: Equatable, Sendable {
  /// The history that the totals belong to.
  public let lineage: Lineage
  /// The position that was reached.
  public let position: Position
  /// Every tracked id with its total.
  public let totals: [ScoreCount]
}
