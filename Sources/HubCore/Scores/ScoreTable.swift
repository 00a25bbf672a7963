import Primitives
import Wire

/// The hub's totals and position, and the changes that edges have not been sent yet.
///
/// Increments are always counted as they arrive. Whether they may be sent depends on the standing:
///
/// ```
///   awaitingFence ─reconcile, confirm─► anchored ─┐
///     ▲  ▲   └─────────unanchor─────► unanchored ─┤ reconcile, unanchor: from any to any
///     │  └───────────awaitFence───────────────────┘
///   start
/// ```
///
/// While a fence is awaited (at the start, after a reconnect) nothing is sent, because the totals may lack lost
/// increments: edges would be given a position whose totals they do not have. Totals that the first fence adopts are
/// sent once a second one has confirmed them: a feeder that uses two commands may have counted an increment that it
/// has not published yet, and that increment would be sent twice. The two fences take milliseconds if the feeder is
/// atomic.
///
/// Position = tracked totals + increments of untracked ids, so it is the same at every hub, whichever ids it tracks.
/// Within a lineage totals grow, except when more was sent than Redis holds: then they are lowered to what it holds
/// (a *correction*), and every edge needs a snapshot.
///
/// `ScoreTable+Fence.swift` describes how the table is reconciled with Redis.
package struct ScoreTable: Sendable {
  /// What edges have been sent: the state of the table at a flush.
  struct PublishedTotals: Sendable {
    let totals: [UInt64]
    let untrackedPosition: Position
  }

  /// Totals from one fence that another one must confirm.
  struct Unconfirmed: Sendable {
    /// Missed increments, by this hub's count.
    var repaired: UInt64 = 0
    /// True if something was adopted or corrected that a later fence should check again.
    var isSettling = false
  }

  /// The basis of the table's lineage and position.
  package enum Standing: String, Equatable, Sendable {
    /// None yet, or none any more: nothing is sent.
    case awaitingFence
    /// A fence: they are exact.
    case anchored
    /// This hub's own counting: lost increments stay lost.
    case unanchored
  }

  /// The greatest number of raw ids that wait for a flush: 5 s at 50,000 a second.
  package static let rawMaximum = 262_144

  /// How many increments are remembered, with 4 bytes each.
  package static let orderMaximum = 1_048_576

  /// The greatest position: half of the range of 64 bits, so that additions to a position cannot overflow. Redis
  /// counts exactly only up to 2⁵³.
  package static let positionMaximum = Position.max / 2

  /// The basis of the lineage and the position.
  package internal(set) var standing = Standing.awaitingFence
  /// The history of the totals; nil until the first fence succeeds or fails.
  package internal(set) var lineage: Lineage?

  /// Increments received, since the start.
  package private(set) var increments: UInt64 = 0
  /// The results of fences, since the start.
  package internal(set) var ledger = FenceCounters()
  /// Increments of ids that have no room in the table, sent as plain deltas, since the start.
  package private(set) var untrackedIncrements: UInt64 = 0
  /// Untracked increments that were not sent because too many distinct ids waited for the flush, since the start.
  package private(set) var untrackedSkipped: UInt64 = 0
  /// Ids that raw clients did not get because too many waited for the flush, or because their place is not known,
  /// since the start.
  package private(set) var rawSkipped: UInt64 = 0

  let maximumCount: Int
  var tracked: TotalsTable
  var changed = DenseIndexSet()
  /// The part of the position outside the tracked totals.
  var untrackedPosition: Position = 0
  /// Ids whose total the last fence could not read: increments of them are rejected.
  var unreadable: [ScoreID: RejectReason] = [:]
  /// True from a break of the feed until the missed increments are known: increments since then have no place yet.
  package internal(set) var isUnplaced = true
  /// The lineage and totals that the last fence found in Redis.
  var reference: (lineage: Lineage, truth: ScoreTruth)?
  /// The last names of lineages that were given up: totals that return under such a name are not its totals.
  var formerLineages: [Lineage] = []
  /// Drift that further fences must check.
  var confirmation: DriftConfirmation?
  /// What another fence must confirm before it is sent; nil if there is nothing.
  var unconfirmed: Unconfirmed?
  /// The totals that edges had been sent when the feed broke; nil if they were sent none of this lineage.
  var publishedBefore: PublishedTotals?
  /// True from a fence that adopted or corrected something until one that leaves nothing open.
  var isSettling = false
  /// False once drift has vanished by itself: the feeder sends total and message as two commands.
  package internal(set) var isFeederAtomic = true
  /// Growth of untracked ids since the last flush.
  var untracked: TotalsTable
  var raw: [RawRun] = []
  /// The last increments, for questions about the past.
  var order: OrderRing
  /// The position that edges have been sent.
  package internal(set) var flushedPosition: Position = 0
  var isLineageOwn = false
  private let rawMaximum: Int
  private var rawCount = 0

  /// An empty table that awaits its first fence.
  ///
  /// - Parameters:
  ///   - maximumCount: how many distinct ids are tracked, and how many distinct untracked ones may wait for a flush.
  ///   - rawMaximum: how many raw ids may wait for a flush.
  ///   - orderMaximum: how many increments are remembered for questions about the past; a power of two.
  package init(
    maximumCount: Int = TotalsTable.maximumCount, rawMaximum: Int = Self.rawMaximum,
    orderMaximum: Int = Self.orderMaximum
  ) {
    self.maximumCount = maximumCount
    self.rawMaximum = rawMaximum
    order = OrderRing(capacity: orderMaximum)
    tracked = TotalsTable(maximumCount: maximumCount)
    untracked = TotalsTable(maximumCount: maximumCount)
  }

  /// The number of increments that ever happened in the lineage.
  package var position: Position {
    min(tracked.sum.addingClamped(untrackedPosition), Self.positionMaximum)
  }

  /// How many distinct ids are tracked.
  package var trackedCount: Int { tracked.count }

  /// True if there are changes, and they may be sent.
  package var isFlushPending: Bool {
    standing != .awaitingFence && !(changed.isEmpty && untracked.count == 0 && raw.isEmpty)
  }

  /// Why an increment of an id does not count; nil if it does.
  package func rejection(of id: ScoreID) -> RejectReason? {
    if let reason = unreadable[id] { return reason }
    guard let index = tracked.index(of: id) else { return nil }
    return tracked.totals[index] >= FenceTotals.countingMaximum ? .totalTooLarge : nil
  }

  /// Counts one increment, unless it must be rejected: ``rejection(of:)``.
  package mutating func increment(_ id: ScoreID) {
    guard rejection(of: id) == nil else { return }
    increments += 1
    let index = tracked.intern(id)
    if let index {
      tracked.add(1, at: index)
      changed.insert(index)
      order.append(index, reaching: position)
    } else {
      untrackedIncrements += 1
      untrackedPosition = untrackedPosition.addingClamped(1)
      if let index = untracked.intern(id) { untracked.add(1, at: index) } else { untrackedSkipped += 1 }
      order.cut(to: position)
    }
    appendRaw(id)
  }

  /// Takes the changes since the last flush; nil if there are none, or if a fence is awaited.
  package mutating func takeFlush() -> ScoreFlush? {
    guard isFlushPending else { return nil }
    return takePending()
  }

  /// All tracked totals, as messages to send in order: an edge merges them before it can follow the flushes. Empty
  /// while a fence is awaited.
  package func snapshot() -> [Snapshot] {
    guard standing != .awaitingFence, let lineage else { return [] }
    return Snapshot.parts(
      lineage: lineage, position: position, entries: tracked.ids.indices.map { tracked.entry(at: $0) })
  }

  /// Takes the changes since the last flush, whether they may be sent or not.
  mutating func takePending() -> ScoreFlush {
    let flush = ScoreFlush(
      previousPosition: flushedPosition,
      position: position,
      totals: changed.members.map { tracked.entry(at: $0) },
      untracked: untracked.ids.indices.map { ScoreDelta(id: untracked.ids[$0], delta: untracked.totals[$0]) },
      raw: raw)
    flushedPosition = position
    changed.removeAll()
    untracked.removeAll()
    raw.removeAll(keepingCapacity: true)
    rawCount = 0
    return flush
  }

  /// Drops the waiting raw ids, and counts them as skipped.
  mutating func skipRaw() {
    rawSkipped += UInt64(rawCount)
    raw.removeAll(keepingCapacity: true)
    rawCount = 0
  }

  /// Moves the waiting raw ids by growth or loss that happened before them. After a loss, ids before the new
  /// beginning are skipped.
  mutating func moveRaw(from before: Position, to after: Position) {
    for index in raw.indices {
      let end = raw[index].endPosition.moved(from: before, to: after)
      let lost = raw[index].ids.count - Int(clamping: end > 0 ? end - 1 : 0)
      if lost > 0 {
        raw[index].ids.removeFirst(lost)
        rawSkipped += UInt64(lost)
        rawCount -= lost
      }
      raw[index].firstPosition = end - Position(raw[index].ids.count)
    }
    raw.removeAll(where: \.ids.isEmpty)
  }

  private mutating func appendRaw(_ id: ScoreID) {
    guard rawCount < rawMaximum else {
      rawSkipped += 1
      return
    }
    rawCount += 1
    let position = position
    if let last = raw.indices.last, raw[last].endPosition == position {
      raw[last].ids.append(id)
    } else {
      raw.append(RawRun(firstPosition: position, ids: [id]))
    }
  }
}

extension TotalsTable {
  fileprivate func entry(at index: Int) -> ScoreTotal { ScoreTotal(id: ids[index], total: totals[index]) }
}

extension UInt64 {
  /// The position at the same distance from `after` as this one from `before`; 0 if that is before the beginning.
  func moved(from before: Position, to after: Position) -> Position {
    after >= before ? addingClamped(after - before) : self - Swift.min(self, before - after)
  }
}
