import PlantedFaults
import Primitives
import Wire

/// The hub's clockwork for scores: a ``ScoreTable`` that is flushed on the ticks of a ``TickGrid``.
///
/// It is armed only while something is pending, so an idle hub has no timer. All increments between two ticks make
/// one flush; a stalled hub makes one flush when it resumes, not one for each missed tick.
package struct ScorePacker: Sendable {
  /// 17 ms: the interval at which the predecessors pack scores.
  package static let defaultInterval = Duration.milliseconds(17)

  /// The totals. Only the packer changes them.
  package private(set) var table: ScoreTable

  /// When ``tickHit(now:)`` is due; nil while there is nothing to flush.
  package private(set) var deadline: Instant?

  private let grid: TickGrid

  /// The next moment of the grid, for anything that goes out with the scores.
  package func nextTick(after now: Instant) -> Instant { grid.nextTick(after: now) }

  /// - Parameters:
  ///   - table: the table to flush.
  ///   - start: a moment of the grid.
  ///   - interval: the distance between two ticks.
  package init(table: ScoreTable = ScoreTable(), start: Instant, interval: Duration = Self.defaultInterval) {
    self.table = table
    grid = TickGrid(start: start, interval: interval)
  }

  /// Redis reported one increment.
  package mutating func incremented(_ id: ScoreID, now: Instant) {
    table.increment(id)
    arm(now)
  }

  /// The feed starts over: everything is held back until a fence.
  ///
  /// - Returns: the pending flush, which is due to the edges at once.
  package mutating func feedInterrupted() -> ScoreFlush? {
    deadline = nil
    return table.awaitFence()
  }

  /// A fence found the truth at this very place in the stream of increments: see
  /// ``ScoreTable/reconcile(lineage:totals:unreadable:counted:)``.
  package mutating func fenced(
    lineage: Lineage, totals: [ScoreTotal], unreadable: [ScoreID: RejectReason] = [:],
    counted: [ScoreID: UInt64] = [:], now: Instant
  ) -> ScoreTable.Reconciliation {
    let reconciliation = table.reconcile(
      lineage: lineage, totals: totals, unreadable: unreadable, counted: counted)
    rearm(now)
    return reconciliation
  }

  /// No fence is possible: the hub continues with its own counting.
  ///
  /// - Parameter ownLineage: a new name, used if the hub was not unanchored before.
  package mutating func fenceFailed(ownLineage: Lineage, now: Instant) -> ScoreTable.Reconciliation {
    let reconciliation = table.unanchor(as: ownLineage)
    rearm(now)
    return reconciliation
  }

  /// The driver's timer fired.
  ///
  /// - Returns: the flush for the edges; nil if it is too early or nothing changed.
  package mutating func tickHit(now: Instant) -> ScoreFlush? {
    guard let deadline, now >= deadline else { return nil }
    self.deadline = nil
    return table.takeFlush()
  }

  private mutating func arm(_ now: Instant) {
    if deadline == nil && table.isFlushPending {
      deadline = nextTick(after: planted(.tickSkipped) ? nextTick(after: now) : now)
    }
  }

  private mutating func rearm(_ now: Instant) {
    if !table.isFlushPending { deadline = nil }
    arm(now)
  }
}
