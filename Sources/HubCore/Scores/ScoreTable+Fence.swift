import PlantedFaults
import Primitives
import Wire

// How the table is reconciled with Redis (a fence says: "at this very place in the stream of increments, the totals
// were these").
//
// Redis's own totals do not shrink. If they do from one fence to the next while the feed never broke, they were
// emptied or changed, and a new lineage is due at once. After a reconnect, smaller totals mean that Redis came back
// from an older state: its totals are the truth, and what edges were sent beyond them is taken back. The name of the
// lineage came back with the totals, and each hub may find that out alone, however late. Everything else is drift:
// the difference of the truth and this table's count. While the feed never broke it goes to a confirmation first
// (`DriftConfirmation`). At the first fence after a reconnect, a positive drift is what was missed: the table adopts it,
// and sends it once another fence has confirmed it.
//
// Repairs and raw ids: increments that the truth has and the table lacks are repaired: totals grow, and every `eps`
// client sees the growth once. They do not enter the raw runs, which hold only ids that were published. So the
// positions in the raw runs jump over repaired increments: one run ends, and the next begins that much further on.
// Ids that arrived while a fence was awaited are the last ones before it, so they lie after the jump, at their true
// positions.
//
// Corrections: where edges were sent more than Redis holds, totals and position fall within the lineage. Waiting ids
// and events keep their order and lie before the new position; the memory of the past is cleared.

extension ScoreTable {
  /// The result of reconciling the table with Redis.
  package enum Reconciliation: Equatable, Sendable {
    /// The table agrees with the truth.
    case confirmed
    /// That many increments had been lost while the feed was interrupted. The next flush includes them.
    case repaired(UInt64)
    /// There is drift, or an adopted total is to be confirmed: further fences are needed before anything is sent.
    case undecided
    /// The drift vanished by itself: the feeder sends total and message as two commands.
    case explained
    /// Drift remained. `repaired` increments had come without a message, and the next flush includes them.
    /// `overcounted` increments had been sent that Redis does not hold; they are taken back, and every edge needs a
    /// snapshot.
    case corrected(repaired: UInt64, overcounted: UInt64)
    /// Another lineage begins, and is sent once it is confirmed. The closing flush, if any, is due to every edge
    /// first: it belongs to the previous lineage. Then every edge needs a snapshot, from which it starts over.
    case began(closing: ScoreFlush?)
    /// The totals of these ids, or of untracked ones, are smaller than before although the feed never broke; or the
    /// totals bear a name that was given up. Nothing was adopted, and nothing is sent: a new lineage must be set in
    /// Redis, and another fence made.
    case wentBackwards([ScoreID])
  }

  /// How many retired names of lineages are remembered.
  static let formerLineagesMaximum = 64

  /// How soon the next fence should follow.
  package var fencePace: FencePace {
    if confirmation != nil { return .confirmation }
    if unconfirmed != nil { return .confirming }
    return isSettling ? .settling : .routine
  }

  /// Whether the last adopted totals must still be confirmed by further fences.
  package var isInDoubt: Bool { unconfirmed != nil }

  /// Holds everything back until the next fence: the feed starts over and may have lost something.
  ///
  /// - Returns: the pending flush, which is still due to the edges.
  package mutating func awaitFence() -> ScoreFlush? {
    let flush = takeFlush()
    if standing == .awaitingFence { forgetUnplaced() }
    if standing == .anchored {
      publishedBefore = PublishedTotals(totals: tracked.totals, untrackedPosition: untrackedPosition)
    }
    standing = .awaitingFence
    isUnplaced = true
    order.holdRepairs()
    confirmation = nil
    unconfirmed = nil
    return flush
  }

  /// The feed broke again before a fence placed the ids that arrived since the last break: their positions will never
  /// be known, because more may have been missed after them. They stay counted.
  private mutating func forgetUnplaced() {
    guard !raw.isEmpty else { return }
    skipRaw()
    order.cut(to: position)
  }

  /// Compares the table with the truth that a fence found at this very place in the stream of increments.
  ///
  /// If the table has no room for all ids, it prefers the last ones in `totals` (Redis lists the greatest totals
  /// last).
  ///
  /// - Parameters:
  ///   - totals: the truth, each id once; missing ids have a total of 0.
  ///   - unreadable: ids whose value in Redis is not a count. Their totals stay as they were when last read, and
  ///     increments of them are rejected.
  ///   - counted: the part of the totals that Redis did not hold when it was asked: the increments since.
  package mutating func reconcile(
    lineage: Lineage, totals: [ScoreTotal], unreadable: [ScoreID: RejectReason] = [:],
    counted: [ScoreID: UInt64] = [:]
  ) -> Reconciliation {
    remembering { $0.judge(lineage, totals, unreadable, counted) }
  }

  private mutating func judge(
    _ truthLineage: Lineage, _ totals: [ScoreTotal], _ unreadable: [ScoreID: RejectReason],
    _ counted: [ScoreID: UInt64]
  ) -> Reconciliation {
    ledger.fences += 1
    guard !formerLineages.contains(truthLineage) || planted(.lineageReused) else { return goBackwards([]) }
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
      // The lineage from before this hub was unanchored continues, or it does not.
      return shrunk.isEmpty ? begin(truthLineage, totals, counted) : goBackwards(shrunk)
    }
    let drifts = drifts(to: truth)
    guard shrunk.isEmpty || isUnplaced else {
      return goBackwards(shrunk + drifts.filter { $0.value < 0 && !shrunk.contains($0.key) }.keys)
    }
    reference = (truthLineage, truth)
    return standing == .awaitingFence ? rejoin(drifts, hasShrunk: !shrunk.isEmpty) : examine(drifts)
  }

  /// Continues without fences, on this hub's own counting.
  ///
  /// - Parameter ownLineage: a new name, for the history that begins now if the table was not unanchored before.
  package mutating func unanchor(as ownLineage: Lineage) -> Reconciliation {
    remembering { $0.leaveAnchor(ownLineage) }
  }

  private mutating func leaveAnchor(_ ownLineage: Lineage) -> Reconciliation {
    standing = .unanchored
    isUnplaced = false
    confirmation = nil
    unconfirmed = nil
    publishedBefore = nil
    if isLineageOwn { return .confirmed }
    let closing = lineage == nil ? nil : takePending()
    lineage = ownLineage
    isLineageOwn = true
    return .began(closing: closing?.isEmpty == false ? closing : nil)
  }

  /// Holds everything back until a new lineage begins.
  mutating func goBackwards(_ indices: some Sequence<Int>) -> Reconciliation {
    standing = .awaitingFence
    confirmation = nil
    unconfirmed = nil
    return .wentBackwards(indices.filter { $0 != ScoreTruth.outside }.sorted().map { tracked.ids[$0] })
  }

  /// Starts from the truth alone. Increments since the feed broke lie before it. They are not sent in the ending
  /// lineage, where their places are not known; raw ids among them are sent in the new one, as the last ones before
  /// the truth.
  private mutating func begin(
    _ newLineage: Lineage, _ totals: [ScoreTotal], _ counted: [ScoreID: UInt64]
  ) -> Reconciliation {
    // An id that already arrived must not become untracked now: its increments were not kept as a delta.
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
    publishedBefore = nil
    confirmation = nil
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

  /// Drops changes without a place; those with a place were flushed when the feed broke.
  private mutating func dropUnplaced() -> ScoreFlush? {
    changed.removeAll()
    untracked.removeAll()
    return nil
  }
}
