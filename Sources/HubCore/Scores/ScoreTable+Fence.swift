import Primitives
import Wire

// How the table is reconciled with Redis (the fence: "at this very place in the stream of increments, the totals were these").
//
// Repairs and raw ids: what the truth has and the table has not is repaired: totals grow, and every `eps` client sees the growth once.
// It does not enter the raw runs, which hold only ids that really came. So the positions in the raw runs jump over repaired
// increments: one run ends, and the next begins that much further on. Ids that came while the fence was awaited are the last
// ones before it, so they lie behind the jump, at their true positions.

extension ScoreTable {
  /// What came of telling the table where it stands.
  public enum Adoption: Equatable, Sendable {
    /// The table agreed with the truth.
    case confirmed
    /// That many increments had been lost. The next flush tells them.
    case repaired(UInt64)
    /// Another lineage begins. First the closing flush, if any, is due to every edge: it belongs to the lineage before.
    /// Then every edge needs a snapshot, from which it starts anew.
    case began(closing: ScoreFlush?)
    /// Redis was flushed or restored: the totals of these ids, or of untracked ones, are smaller than they were.
    /// Nothing was adopted, and nothing is told: a new lineage must be set in Redis, and another fence made.
    case wentBackwards([ScoreID])
  }

  /// Holds everything back until the next fence: the feed begins anew and may have lost something.
  ///
  /// - Returns: what was pending until now, which is still due to the edges.
  public mutating func awaitFence() -> ScoreFlush? {
    let flush = takeFlush()
    standing = .awaitingFence
    order.holdRepairs()
    return flush
  }

  /// Adopts the truth that a fence found at this very place in the stream of increments.
  ///
  /// Tracked totals only grow; where the table has no room for all ids, it prefers the last ones given
  /// (Redis lists the greatest totals last).
  ///
  /// - Parameters:
  ///   - totals: the truth, each id once; ids that are not there have a total of 0.
  ///   - unreadable: ids of which nothing is known, because what Redis holds is no count. They keep what was counted.
  public mutating func adopt(
    lineage truthLineage: Lineage, totals: [ScoreTotal], unreadable: [ScoreID] = []
  ) -> Adoption {
    guard let lineage else {
      begin(truthLineage, keeping: changed.members.map { tracked.ids[$0] }, totals)
      return .began(closing: nil)
    }
    guard lineage == truthLineage else {
      let closing = takePending()
      begin(truthLineage, keeping: [], totals)
      return .began(closing: closing.isEmpty ? nil : closing)
    }
    return reconcile(totals, unreadable)
  }

  /// Goes on without fences, on this hub's own counting.
  ///
  /// - Parameter ownLineage: a new name, for the history that begins now if the table was not unanchored before.
  public mutating func unanchor(as ownLineage: Lineage) -> Adoption {
    standing = .unanchored
    if isLineageOwn { return .confirmed }
    let closing = lineage == nil ? nil : takePending()
    lineage = ownLineage
    isLineageOwn = true
    return .began(closing: closing?.isEmpty == false ? closing : nil)
  }

  /// Starts from the truth alone. Raw ids that wait are the last ones before it.
  private mutating func begin(_ lineage: Lineage, keeping ids: [ScoreID], _ totals: [ScoreTotal]) {
    let before = position
    self.lineage = lineage
    isLineageOwn = false
    standing = .anchored
    changed.removeAll()
    tracked.removeAll()
    untrackedPosition = 0
    // An id that came already must not become an untracked one now: its increments were not kept as a delta.
    for id in ids { _ = tracked.intern(id) }
    for entry in totals.reversed() {
      if let index = tracked.intern(entry.id) {
        tracked.merge(entry.total, at: index)
      } else {
        untrackedPosition = untrackedPosition.addingClamped(entry.total)
      }
    }
    moveRaw(from: before, to: position)
    flushedPosition = position
  }

  /// Grows to the truth within the same lineage.
  private mutating func reconcile(_ totals: [ScoreTotal], _ unreadable: [ScoreID]) -> Adoption {
    var truth = [UInt64](repeating: 0, count: tracked.count)
    var newcomers: [ScoreTotal] = []
    for entry in totals.reversed() {
      if let index = tracked.index(of: entry.id) {
        truth[index] = entry.total
      } else {
        newcomers.append(entry)
      }
    }
    for id in unreadable {
      if let index = tracked.index(of: id) { truth[index] = tracked.totals[index] }
    }
    let room = maximumCount - tracked.count
    let outside = newcomers.dropFirst(room).reduce(UInt64(0)) { $0.addingClamped($1.total) }
    let shrunk = truth.indices.filter { truth[$0] < tracked.totals[$0] }
    guard shrunk.isEmpty && outside >= untrackedPosition else {
      standing = .awaitingFence
      return .wentBackwards(shrunk.map { tracked.ids[$0] })
    }

    let before = position
    for index in truth.indices { grow(to: truth[index], at: index) }
    for entry in newcomers.prefix(room) {
      if let index = tracked.intern(entry.id) { grow(to: entry.total, at: index) }
    }
    unrepairable += outside - untrackedPosition
    untrackedPosition = outside
    if standing == .awaitingFence { moveRaw(from: before, to: position) }
    standing = .anchored
    return position > before ? .repaired(position - before) : .confirmed
  }

  private mutating func grow(to total: UInt64, at index: Int) {
    let growth = tracked.merge(total, at: index)
    guard growth > 0 else { return }
    repaired += growth
    changed.insert(index)
  }

  private mutating func moveRaw(from before: Position, to after: Position) {
    guard after > before else { return }
    for index in raw.indices {
      raw[index].firstPosition = raw[index].firstPosition.addingClamped(after - before)
    }
  }
}
