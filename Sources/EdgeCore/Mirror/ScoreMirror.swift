public import Primitives
public import Wire

/// By how much one id grew.
public struct ScoreGrowth: Equatable, Sendable {
  /// What was scored.
  public let id: ScoreID
  /// How often, since it was last told; never 0.
  public let amount: UInt64

  /// A growth.
  public init(id: ScoreID, amount: UInt64) {
    self.id = id
    self.amount = amount
  }
}

/// The edge's copy of the hub's totals, and how much it has grown since that was last told to the clients.
///
/// Merging takes the greater total, so it does not matter how often, or over how many links, a total comes:
/// a lost link needs no replay, and what was missed comes out as one growth. Of a lineage that the edge did not
/// know, the first snapshot is where it starts: nothing of that is growth.
public struct ScoreMirror: Sendable {
  private var table = TotalsTable()
  private var growths: [UInt64] = []
  private var grown = DenseIndexSet()
  private var untracked: [ScoreGrowth] = []
  /// True while the first snapshot of a lineage is being taken over.
  private var isStarting = true

  /// The lineage of the totals; nil before the first snapshot.
  public private(set) var lineage: Lineage?
  /// Up to which increment the totals are known to be complete.
  public private(set) var position: Position = 0

  /// A mirror that knows nothing yet.
  public init() {}

  /// Merges one part of a snapshot. The position counts once the last part is in.
  public mutating func merge(_ snapshot: Snapshot) {
    if snapshot.lineage != lineage {
      // What has grown and was not told yet is still to be told: it happened.
      let pending = takeGrowth() ?? []
      self = ScoreMirror()
      lineage = snapshot.lineage
      untracked = pending
    }
    for entry in snapshot.entries { merge(entry) }
    guard snapshot.isLast else { return }
    isStarting = false
    position = max(position, snapshot.position)
  }

  /// Merges what changed. Before the first snapshot is complete it is not growth but part of the start.
  public mutating func merge(_ scores: Scores) {
    for entry in scores.entries { merge(entry) }
    if !isStarting {
      for entry in scores.untracked where entry.delta > 0 {
        untracked.append(ScoreGrowth(id: entry.id, amount: entry.delta))
      }
    }
    position = max(position, scores.position)
  }

  private mutating func merge(_ entry: ScoreTotal) {
    guard let index = table.intern(entry.id) else { return }
    let growth = table.merge(entry.total, at: index)
    guard growth > 0, !isStarting else { return }
    while growths.count <= index { growths.append(0) }
    growths[index] += growth
    grown.insert(index)
  }

  /// Whether any id grew since that was last taken out.
  public var hasGrown: Bool { !grown.isEmpty || !untracked.isEmpty }

  /// Takes out by how much each id grew since the last time, each id once; nil if none did.
  public mutating func takeGrowth() -> [ScoreGrowth]? {
    guard !grown.isEmpty || !untracked.isEmpty else { return nil }
    var result: [ScoreGrowth] = []
    result.reserveCapacity(grown.count + untracked.count)
    for index in grown.members {
      result.append(ScoreGrowth(id: table.ids[index], amount: growths[index]))
      growths[index] = 0
    }
    if !untracked.isEmpty {
      // An id may be in both, or come twice, and an event must name it once.
      var sum = GrowthSum()
      sum.add(result)
      sum.add(untracked)
      result = sum.growth
    }
    grown.removeAll()
    untracked.removeAll(keepingCapacity: true)
    return result
  }
}
