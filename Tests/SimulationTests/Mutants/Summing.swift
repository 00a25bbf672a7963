import Primitives
import Wire

/// A mirror that adds totals instead of taking the greater one: for each id it gets the sum of all totals that
/// arrived in the lineage.
struct Summing: MergeStage {
  private var lineage: Lineage?
  private var sums: [ScoreID: UInt64] = [:]

  mutating func received(_ message: Message) -> Message {
    switch message {
    case .snapshot(let part):
      if part.lineage != lineage { sums = [:] }
      lineage = part.lineage
      return .snapshot(
        Snapshot(
          lineage: part.lineage, position: part.position, isLast: part.isLast, entries: summed(part.entries)))
    case .scores(let scores):
      return .scores(
        Scores(
          position: scores.position, hubStampMicroseconds: scores.hubStampMicroseconds,
          entries: summed(scores.entries), untracked: scores.untracked))
    default: return message
    }
  }

  private mutating func summed(_ entries: [ScoreTotal]) -> [ScoreTotal] {
    entries.map { entry in
      sums[entry.id, default: 0] += entry.total
      return ScoreTotal(id: entry.id, total: sums[entry.id] ?? 0)
    }
  }
}
