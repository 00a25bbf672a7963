import Primitives
import Wire

// How the table is reconciled with Redis (the fence: "at this very place in the stream of increments, the totals were these").
//
// Redis's own totals do not shrink. If they do from one fence to the next while the feed never broke, somebody emptied or
// changed them, and a new lineage is due at once. Behind a reconnect Redis came back from an older state: its totals are what
// there is, and what was told beyond them is taken back; the name of the lineage came back with them, and each hub may find
// that alone, however late. Everything else is drift: the difference of the truth and this table's count. While the feed
// never broke it is put under probation first: `DriftProbation` says why, and what comes of it. At the first fence after a
// reconnect what the truth has more is what was missed, and adopted; it is told once another fence has confirmed it.
//
// Repairs and raw ids: what the truth has and the table has not is repaired: totals grow, and every `eps` client sees the growth once.
// It does not enter the raw runs, which hold only ids that really came. So the positions in the raw runs jump over repaired
// increments: one run ends, and the next begins that much further on. Ids that came while the fence was awaited are the last
// ones before it, so they lie behind the jump, at their true positions.
//
// Corrections: where edges were told more than Redis holds, totals and position fall within the lineage. Ids and events that
// still wait keep their order and lie before the new position; what was known of the past is forgotten.

extension ScoreTable {
  /// What came of telling the table where it stands.
  public enum Adoption: Equatable, Sendable {
    /// The table agrees with the truth.
    case confirmed
    /// That many increments had been lost while the feed was interrupted. The next flush tells them.
    case repaired(UInt64)
    /// There is drift, or something was adopted that is to be confirmed: further fences must look before anything is told.
    case undecided
    /// The drift has gone by itself: the feeder sends total and message as two commands.
    case explained
    /// Drift remained. That many increments had come without a message, and the next flush tells them. If something was
    /// told that Redis does not hold, it is taken back: every edge needs a snapshot.
    case corrected(repaired: UInt64, overcounted: UInt64)
    /// Another lineage begins, and is told once it is confirmed. First the closing flush, if any, is due to every edge: it
    /// belongs to the lineage before. Then every edge needs a snapshot, from which it starts anew.
    case began(closing: ScoreFlush?)
    /// The totals of these ids, or of untracked ones, are smaller than they were while the feed never broke; or the totals bear a
    /// name that was given up. Nothing was adopted, and nothing is told: a new lineage must be set in Redis, and another fence
    /// made.
    case wentBackwards([ScoreID])
  }

  /// How many names of lineages are remembered that were given up.
  static let formerLineagesMaximum = 64

  /// How soon the next fence should follow.
  public var fencePace: FencePace {
    if probation != nil { return .probation }
    if unconfirmed != nil { return .confirming }
    return isSettling ? .settling : .routine
  }

  /// Whether further fences must tell where the totals stand that were adopted last.
  public var isInDoubt: Bool { unconfirmed != nil }

  /// Holds everything back until the next fence: the feed begins anew and may have lost something.
  ///
  /// - Returns: what was pending until now, which is still due to the edges.
  public mutating func awaitFence() -> ScoreFlush? {
    let flush = takeFlush()
    if standing == .awaitingFence { forgetUnplaced() }
    if standing == .anchored {
      toldBefore = Told(totals: tracked.totals, untrackedPosition: untrackedPosition)
    }
    standing = .awaitingFence
    isUnplaced = true
    order.holdRepairs()
    probation = nil
    unconfirmed = nil
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
  /// Where the table has no room for all ids, it prefers the last ones given (Redis lists the greatest totals last).
  ///
  /// - Parameters:
  ///   - totals: the truth, each id once; ids that are not there have a total of 0.
  ///   - unreadable: ids of which nothing is known, because what Redis holds is no count. Their totals stay as they were
  ///     when they could be read last, and increments of them are rejected.
  ///   - counted: how much of the totals Redis did not hold when it was asked: what came since.
  public mutating func adopt(
    lineage: Lineage, totals: [ScoreTotal], unreadable: [ScoreID: RejectReason] = [:],
    counted: [ScoreID: UInt64] = [:]
  ) -> Adoption {
    remembering { $0.judge(lineage, totals, unreadable, counted) }
  }

  private mutating func judge(
    _ truthLineage: Lineage, _ totals: [ScoreTotal], _ unreadable: [ScoreID: RejectReason],
    _ counted: [ScoreID: UInt64]
  ) -> Adoption {
    ledger.fences += 1
    guard !formerLineages.contains(truthLineage) else { return goBackwards([]) }
    self.unreadable = unreadable
    if let lineage, truthLineage == lineage || truthLineage == reference?.lineage {
      for entry in totals.reversed() { _ = tracked.intern(entry.id) }
    } else {
      return begin(truthLineage, totals, counted)
    }
    let before = reference?.truth ?? ScoreTruth()
    let truth = ScoreTruth(totals, unreadable: unreadable.keys, counted: counted, before: before, in: tracked)
    let shrunk = truth.shrunk(since: before)
    guard lineage == truthLineage else {
      // The lineage that held before this hub was unanchored goes on, or not.
      return shrunk.isEmpty ? begin(truthLineage, totals, counted) : goBackwards(shrunk)
    }
    let drifts = drifts(to: truth)
    guard shrunk.isEmpty || isUnplaced else {
      return goBackwards(shrunk + drifts.filter { $0.value < 0 && !shrunk.contains($0.key) }.keys)
    }
    reference = (truthLineage, truth)
    return standing == .awaitingFence ? rejoin(drifts, hasShrunk: !shrunk.isEmpty) : examine(drifts)
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
    unconfirmed = nil
    toldBefore = nil
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
    unconfirmed = nil
    return .wentBackwards(indices.filter { $0 != ScoreTruth.outside }.sorted().map { tracked.ids[$0] })
  }

  /// Starts from the truth alone. What came since the feed broke stands before it, and is not told in the lineage that ends:
  /// its places there are not known. Raw ids are told in the new one, as the last ones before the truth.
  private mutating func begin(
    _ newLineage: Lineage, _ totals: [ScoreTotal], _ counted: [ScoreID: UInt64]
  ) -> Adoption {
    // An id that came already must not become an untracked one now: its increments were not kept as a delta.
    let kept = lineage == nil ? changed.members.map { tracked.ids[$0] } : []
    let closing = lineage == nil ? nil : isUnplaced ? dropUnplaced() : takePending()
    if let anchor = reference?.lineage, anchor != newLineage {
      formerLineages = (formerLineages + [anchor]).suffix(Self.formerLineagesMaximum)
      ledger.lineagesRenewed += 1
    }
    let before = position
    lineage = newLineage
    isLineageOwn = false
    standing = .awaitingFence
    isUnplaced = true
    unconfirmed = Unconfirmed(isSettling: true)
    toldBefore = nil
    probation = nil
    changed.removeAll()
    tracked.removeAll()
    untrackedPosition = 0
    for id in kept { _ = tracked.intern(id) }
    for entry in totals.reversed() {
      if let index = tracked.intern(entry.id) {
        tracked.merge(entry.total, at: index)
      } else {
        untrackedPosition = untrackedPosition.addingClamped(entry.total)
      }
    }
    let truth = ScoreTruth(totals, unreadable: [], counted: counted, before: ScoreTruth(), in: tracked)
    reference = (newLineage, truth)
    moveRaw(from: before, to: position)
    flushedPosition = position
    ledger.lineagesBegun += 1
    return .began(closing: closing?.isEmpty == false ? closing : nil)
  }

  /// What was placed was flushed when the feed broke.
  private mutating func dropUnplaced() -> ScoreFlush? {
    changed.removeAll()
    untracked.removeAll()
    return nil
  }
}
