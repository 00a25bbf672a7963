import Primitives
import Wire

// How the table is reconciled with Redis (the fence: "at this very place in the stream of increments, the totals were these").
//
// Within a lineage Redis's own totals never shrink. If they do from one fence to the next, Redis was emptied or restored, and a
// new lineage is due at once. Everything else is drift: the difference of the truth and this table's count. At the first fence
// after a reconnect it is what was missed, and adopted at once; while the feed never broke it is put under probation first:
// `DriftProbation` says why, and what comes of it.
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
    /// That many increments had been lost while the feed was interrupted. The next flush tells them.
    case repaired(UInt64)
    /// There is drift though the feed never broke: further fences must look at it before anything is done.
    case undecided
    /// The drift has gone by itself: the feeder sends total and message as two commands.
    case explained
    /// Drift remained. That many increments had come without a message, and the next flush tells them; so many messages
    /// had come without an increment, and the next ones of their ids are silent.
    case corrected(repaired: UInt64, overcounted: UInt64)
    /// Another lineage begins. First the closing flush, if any, is due to every edge: it belongs to the lineage before.
    /// Then every edge needs a snapshot, from which it starts anew.
    case began(closing: ScoreFlush?)
    /// Redis was flushed or restored: the totals of these ids, or of untracked ones, are smaller than they were; or the
    /// totals bear a name that was given up. Nothing was adopted, and nothing is told: a new lineage must be set in Redis,
    /// and another fence made.
    case wentBackwards([ScoreID])
  }

  /// How many names of lineages are remembered that were given up.
  static let formerLineagesMaximum = 64

  /// How soon the next fence should follow.
  public var fencePace: FencePace {
    if probation != nil { return .probation }
    return isSettling ? .settling : .routine
  }

  /// Whether further fences must tell if Redis was set back while the feed was interrupted.
  public var isInDoubt: Bool { probation?.areDeficitsLosses ?? false }

  /// Holds everything back until the next fence: the feed begins anew and may have lost something.
  ///
  /// - Returns: what was pending until now, which is still due to the edges.
  public mutating func awaitFence() -> ScoreFlush? {
    let flush = takeFlush()
    if standing == .awaitingFence { forgetUnplaced() }
    standing = .awaitingFence
    isUnplaced = true
    order.holdRepairs()
    probation = nil
    return flush
  }

  /// The feed broke again before a fence said where the ids stand that came since it broke last: nobody can tell, for more may
  /// have been missed behind them. They stay counted.
  private mutating func forgetUnplaced() {
    guard !raw.isEmpty else { return }
    skipRaw()
    order.cut(to: position)
  }

  /// Looks at the truth that a fence found at this very place in the stream of increments.
  ///
  /// Told totals only grow; where the table has no room for all ids, it prefers the last ones given
  /// (Redis lists the greatest totals last).
  ///
  /// - Parameters:
  ///   - totals: the truth, each id once; ids that are not there have a total of 0.
  ///   - unreadable: ids of which nothing is known, because what Redis holds is no count. They keep what was counted.
  ///   - counted: how much of the totals Redis did not hold when it was asked: what came since.
  public mutating func adopt(
    lineage: Lineage, totals: [ScoreTotal], unreadable: [ScoreID] = [], counted: [ScoreID: UInt64] = [:]
  ) -> Adoption {
    remembering { $0.judge(lineage, totals, unreadable, counted) }
  }

  private mutating func judge(
    _ truthLineage: Lineage, _ totals: [ScoreTotal], _ unreadable: [ScoreID], _ counted: [ScoreID: UInt64]
  ) -> Adoption {
    ledger.fences += 1
    guard !formerLineages.contains(truthLineage) else { return goBackwards([]) }
    if let lineage, truthLineage == lineage || truthLineage == reference?.lineage {
      for entry in totals.reversed() { _ = tracked.intern(entry.id) }
    } else {
      return begin(truthLineage, totals, counted)
    }
    let before = reference?.truth ?? ScoreTruth()
    let truth = ScoreTruth(
      totals, unreadable: unreadable, counted: counted, before: before, in: tracked, count: count(at:))
    let shrunk = truth.shrunk(since: before)
    guard lineage == truthLineage else {
      // The lineage that held before this hub was unanchored goes on, or not.
      return shrunk.isEmpty ? begin(truthLineage, totals, counted) : goBackwards(shrunk)
    }
    let drifts = drifts(to: truth)
    guard shrunk.isEmpty else {
      return goBackwards(shrunk + drifts.filter { $0.value < 0 && !shrunk.contains($0.key) }.keys)
    }
    reference = (truthLineage, truth)
    return standing == .awaitingFence ? rejoin(drifts) : examine(drifts)
  }

  /// Goes on without fences, on this hub's own counting.
  ///
  /// - Parameter ownLineage: a new name, for the history that begins now if the table was not unanchored before.
  public mutating func unanchor(as ownLineage: Lineage) -> Adoption {
    remembering { $0.leaveAnchor(ownLineage) }
  }

  private mutating func leaveAnchor(_ ownLineage: Lineage) -> Adoption {
    standing = .unanchored
    isUnplaced = false
    probation = nil
    if isLineageOwn { return .confirmed }
    let closing = lineage == nil ? nil : takePending()
    lineage = ownLineage
    isLineageOwn = true
    return .began(closing: closing?.isEmpty == false ? closing : nil)
  }

  /// Holds everything back until a new lineage begins.
  mutating func goBackwards(_ indices: some Sequence<Int>) -> Adoption {
    standing = .awaitingFence
    probation = nil
    return .wentBackwards(indices.filter { $0 != ScoreTruth.outside }.sorted().map { tracked.ids[$0] })
  }

  /// Starts from the truth alone. Raw ids that came since the feed broke are the last ones before it: in the lineage that ends,
  /// their places are not known.
  private mutating func begin(
    _ newLineage: Lineage, _ totals: [ScoreTotal], _ counted: [ScoreID: UInt64]
  ) -> Adoption {
    // An id that came already must not become an untracked one now: its increments were not kept as a delta.
    let kept = lineage == nil ? changed.members.map { tracked.ids[$0] } : []
    let closing = lineage == nil ? nil : takePending(keepingRaw: isUnplaced)
    if let anchor = reference?.lineage, anchor != newLineage {
      formerLineages = (formerLineages + [anchor]).suffix(Self.formerLineagesMaximum)
    }
    let before = position
    lineage = newLineage
    isLineageOwn = false
    standing = .anchored
    isSettling = true
    probation = nil
    changed.removeAll()
    tracked.removeAll()
    overcounts = [:]
    untrackedPosition = 0
    for id in kept { _ = tracked.intern(id) }
    for entry in totals.reversed() {
      if let index = tracked.intern(entry.id) {
        tracked.merge(entry.total, at: index)
      } else {
        untrackedPosition = untrackedPosition.addingClamped(entry.total)
      }
    }
    let truth = ScoreTruth(
      totals, unreadable: [], counted: counted, before: ScoreTruth(), in: tracked, count: count(at:))
    reference = (newLineage, truth)
    moveRaw(from: before, to: position)
    isUnplaced = false
    flushedPosition = position
    ledger.lineagesBegun += 1
    return .began(closing: closing?.isEmpty == false ? closing : nil)
  }

  /// Lets the raw ids that wait follow growth that happened before them, or a loss.
  mutating func moveRaw(from before: Position, to after: Position) {
    for index in raw.indices {
      raw[index].firstPosition = raw[index].firstPosition.moved(from: before, to: after)
    }
  }
}
