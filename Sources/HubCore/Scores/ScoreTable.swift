import Primitives
import Wire

/// The hub's totals and its position, and what of them the edges have not been told yet.
///
/// Increments are counted as they come, always. Whether they may be told depends on the standing:
///
/// ```
///   awaitingFence ──adopt, confirm──► anchored ───┐
///     ▲  ▲   └─────────unanchor─────► unanchored ─┤ adopt, unanchor: from any to any
///     │  └───────────awaitFence───────────────────┘
///   start
/// ```
///
/// While a fence is awaited (at the start, after a reconnect) nothing is told, because the totals may lack what was
/// lost: a position would be claimed that the totals do not have. What the first fence adopts is told once a second one
/// has confirmed it: a feeder of two commands may have counted what it is still to publish, and that would be told twice.
/// Both take milliseconds, where the feeder is atomic.
///
/// Position = tracked totals + increments of untracked ids, so it is the same at every hub, whichever ids it tracks.
/// Within a lineage totals grow, except where more was told than Redis holds: then they are lowered to what it holds
/// (a *correction*), and every edge needs a snapshot.
///
/// `ScoreTable+Fence.swift` says how the table is reconciled with Redis.
public struct ScoreTable: Sendable {
  /// What edges were told: the state of the table at a flush.
  struct Told: Sendable {
    let totals: [UInt64]
    let untrackedPosition: Position
  }

  /// Totals that one fence gave, and another is to confirm.
  struct Unconfirmed: Sendable {
    /// Increments that were missed, by this hub's count.
    var repaired: UInt64 = 0
    /// True if something was adopted or corrected that a later fence should look at once more.
    var isSettling = false
  }

  /// What the table's lineage and position rest on.
  public enum Standing: String, Equatable, Sendable {
    /// Not known yet, or not known any more: nothing is told.
    case awaitingFence
    /// On a fence: exact.
    case anchored
    /// On this hub's own counting: what was lost stays lost.
    case unanchored
  }

  /// How many raw ids wait for a flush at most: 5 s of 50,000 a second.
  public static let rawMaximum = 262_144

  /// How many increments are remembered, 4 bytes each.
  public static let orderMaximum = 1_048_576

  /// Half of what 64 bits hold: no position is greater, so that positions can be added to. Redis counts exactly only
  /// up to 2⁵³.
  public static let positionMaximum = Position.max / 2

  /// What the lineage and the position rest on.
  public internal(set) var standing = Standing.awaitingFence
  /// The history that the totals belong to; nil until the first fence, or the first failure of one.
  public internal(set) var lineage: Lineage?

  /// Increments that came, since the start.
  public private(set) var increments: UInt64 = 0
  /// What fences found, since the start.
  public internal(set) var ledger = FenceLedger()
  /// Increments of ids that have no room in the table, told as plain deltas, since the start.
  public private(set) var untrackedIncrements: UInt64 = 0
  /// Of those, the ones that nobody is told because too many distinct ids waited for the flush, since the start.
  public private(set) var untrackedSkipped: UInt64 = 0
  /// Ids that no raw client sees because too many waited for the flush, or because their place is not known, since
  /// the start.
  public private(set) var rawSkipped: UInt64 = 0

  let maximumCount: Int
  var tracked: TotalsTable
  var changed = DenseIndexSet()
  /// How much of the position lies outside the tracked totals.
  var untrackedPosition: Position = 0
  /// Ids of which the last fence could not read a total: increments of them are rejected.
  var unreadable: [ScoreID: RejectReason] = [:]
  /// True from a break of the feed until it is known what was missed: what came since then has no place yet.
  public internal(set) var isUnplaced = true
  /// What the last fence found in Redis.
  var reference: (lineage: Lineage, truth: ScoreTruth)?
  /// Names of lineages that were given up, the last ones: totals that come back under such a name are not what it named.
  var formerLineages: [Lineage] = []
  /// Drift that further fences must look at.
  var probation: DriftProbation?
  /// What must be confirmed by another fence before it is told; nil if nothing is.
  var unconfirmed: Unconfirmed?
  /// What edges were told when the feed broke; nil if that was nothing of this lineage.
  var toldBefore: Told?
  /// True from a fence that adopted or corrected something until one that leaves nothing open.
  var isSettling = false
  /// False once drift has gone by itself: the feeder sends total and message as two commands.
  public internal(set) var isFeederAtomic = true
  /// Growth since the last flush of ids that have no room among the tracked ones.
  var untracked: TotalsTable
  var raw: [RawRun] = []
  /// The last increments, for those who ask about the past.
  var order: OrderRing
  /// The position that edges have been told of.
  public internal(set) var flushedPosition: Position = 0
  var isLineageOwn = false
  private let rawMaximum: Int
  private var rawCount = 0

  /// An empty table that awaits its first fence.
  ///
  /// - Parameters:
  ///   - maximumCount: how many distinct ids are tracked; and how many distinct untracked ones wait for a flush.
  ///   - rawMaximum: how many raw ids wait for a flush.
  ///   - orderMaximum: how many increments are remembered for those who ask about the past; a power of two.
  public init(
    maximumCount: Int = TotalsTable.maximumCount, rawMaximum: Int = Self.rawMaximum,
    orderMaximum: Int = Self.orderMaximum
  ) {
    self.maximumCount = maximumCount
    self.rawMaximum = rawMaximum
    order = OrderRing(capacity: orderMaximum)
    tracked = TotalsTable(maximumCount: maximumCount)
    untracked = TotalsTable(maximumCount: maximumCount)
  }

  /// How many increments ever happened in the lineage.
  public var position: Position {
    min(tracked.sum.addingClamped(untrackedPosition), Self.positionMaximum)
  }

  /// How many distinct ids are tracked.
  public var trackedCount: Int { tracked.count }

  /// True if there is something to tell and it may be told.
  public var isFlushPending: Bool {
    standing != .awaitingFence && !(changed.isEmpty && untracked.count == 0 && raw.isEmpty)
  }

  /// Why an increment of an id does not count; nil if it does.
  public func rejection(of id: ScoreID) -> RejectReason? {
    if let reason = unreadable[id] { return reason }
    guard let index = tracked.index(of: id) else { return nil }
    return tracked.totals[index] >= FenceTotals.countingMaximum ? .totalTooLarge : nil
  }

  /// Counts one increment, unless it is one to be rejected: ``rejection(of:)``.
  public mutating func increment(_ id: ScoreID) {
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

  /// Takes what changed since the last flush; nil if that is nothing, or if a fence is awaited.
  public mutating func takeFlush() -> ScoreFlush? {
    guard isFlushPending else { return nil }
    return takePending()
  }

  /// All tracked totals, as messages to send in order: what an edge merges before it can follow the flushes.
  /// None while a fence is awaited.
  public func snapshot() -> [Snapshot] {
    guard standing != .awaitingFence, let lineage else { return [] }
    return Snapshot.parts(
      lineage: lineage, position: position, entries: tracked.ids.indices.map { tracked.entry(at: $0) })
  }

  /// Takes what changed since the last flush, whether it may be told or not.
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

  /// No raw client sees the ids that wait.
  mutating func skipRaw() {
    rawSkipped += UInt64(rawCount)
    raw.removeAll(keepingCapacity: true)
    rawCount = 0
  }

  /// Lets the raw ids that wait follow growth that happened before them, or a loss. With a loss, those that lie before the
  /// beginning of what is left are skipped.
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
  /// The sum, or the greatest value if it does not fit.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// A place as far from another one as before, on either side of it; 0 if that is before the beginning.
  func moved(from before: Position, to after: Position) -> Position {
    after >= before ? addingClamped(after - before) : self - Swift.min(self, before - after)
  }
}
