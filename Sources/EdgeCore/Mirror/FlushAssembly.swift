import Primitives
import Wire

/// Puts together what a hub sends in several messages, so that the totals go from one place to the next at once: in
/// between they would be those of no place, and no client could be told where it is.
struct FlushAssembly: Sendable {
  /// All of a snapshot or of a flush.
  struct Whole: Equatable, Sendable {
    /// The lineage of a snapshot; nil for a flush.
    var lineage: Lineage?
    var position: Position
    var entries: [ScoreTotal]
    var untracked: [ScoreDelta] = []
  }

  private var entries: [ScoreTotal] = []
  private var untracked: [ScoreDelta] = []
  private var lineage: Lineage?
  /// The latest place that was told.
  private var reached: Position = 0

  /// Takes a part of a snapshot in. Parts of another lineage that were not completed are void.
  ///
  /// - Returns: the snapshot, with its last part.
  mutating func add(_ snapshot: Snapshot) -> Whole? {
    if snapshot.lineage != lineage {
      self = FlushAssembly()
      lineage = snapshot.lineage
    }
    guard snapshot.isLast else {
      entries += snapshot.entries
      return nil
    }
    reached = max(reached, snapshot.position)
    return take(lineage: lineage, position: snapshot.position, snapshot.entries, [])
  }

  /// Takes a part of a flush in.
  ///
  /// - Returns: the flush, with its last part: the one that reaches a new place (PROTOCOL.md, *scores*).
  mutating func add(_ scores: Scores) -> Whole? {
    guard scores.position > reached else {
      entries += scores.entries
      untracked += scores.untracked
      return nil
    }
    reached = scores.position
    return take(lineage: nil, position: reached, scores.entries, scores.untracked)
  }

  private mutating func take(
    lineage: Lineage?, position: Position, _ lastEntries: [ScoreTotal], _ lastUntracked: [ScoreDelta]
  ) -> Whole {
    defer {
      entries = []
      untracked = []
    }
    return Whole(
      lineage: lineage, position: position, entries: entries.isEmpty ? lastEntries : entries + lastEntries,
      untracked: untracked.isEmpty ? lastUntracked : untracked + lastUntracked)
  }
}
