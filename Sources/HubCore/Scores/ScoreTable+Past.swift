import Primitives
import Wire

// The table's answers about the past, and the upkeep of its ring of increments.
extension ScoreTable {
  /// True if the totals at this place can be computed: it lies in this lineage, was sent to edges, and everything
  /// since is remembered. Whether the token's check matches is a separate question: ``checks(at:)``.
  package func knows(_ token: ResumeToken) -> Bool {
    standing != .awaitingFence && token.lineage == lineage && token.position <= flushedPosition
      && order.knows(token.position)
  }

  /// How many increments the table remembers in order.
  package var rememberedIncrements: Int { order.count }

  /// Computes the totals of the past.
  ///
  /// - Parameters:
  ///   - positions: places that the table ``knows(_:)``.
  ///   - body: receives each of them, in no particular order, with its nonzero totals.
  package func rewind(to positions: some Sequence<Position>, _ body: (Position, [ScoreTotal]) -> Void) {
    order.rewind(to: positions.sorted(by: >), from: tracked.totals) { position, totals in
      body(
        position,
        totals.indices.lazy.filter { totals[$0] > 0 }.map {
          ScoreTotal(id: tracked.ids[$0], total: totals[$0])
        })
    }
  }

  /// The checks that tokens of some places must carry: ``Primitives/ResumeToken/check``.
  ///
  /// - Parameter positions: places that the table ``knows(_:)``.
  /// - Returns: nothing for positions that include increments of untracked ids, whose totals are not known.
  package func checks(at positions: some Sequence<Position>) -> [Position: UInt32] {
    var checks: [Position: UInt32] = [:]
    guard untrackedPosition == 0 else { return checks }
    order.rewind(to: positions.sorted(by: >), from: tracked.totals) { position, totals in
      checks[position] = tracked.checksum(of: totals).check
    }
    return checks
  }

  /// The ids after a position, in their order.
  ///
  /// - Returns: nil if there are more than ``RelayProtocol/maximumOrderCount``, or they are no longer known.
  package func ids(after position: Position) -> [RawRun]? {
    order.order(after: position, limit: RelayProtocol.maximumOrderCount)?.map { stretch in
      RawRun(firstPosition: stretch.firstPosition, ids: stretch.indices.map { tracked.ids[$0] })
    }
  }

  /// Reconciles the table with Redis, and remembers the repairs. Where totals fell, the past is forgotten: its
  /// positions no longer match the present ones.
  mutating func remembering(_ reconcile: (inout ScoreTable) -> Reconciliation) -> Reconciliation {
    let lineageBefore = lineage
    let before = tracked.totals
    let reconciliation = reconcile(&self)
    guard lineage == lineageBefore, !zip(before, tracked.totals).contains(where: { $0 > $1 }),
      order.position <= position
    else {
      order.restart(at: position)
      return reconciliation
    }
    let repairs = tracked.totals.indices.compactMap { index in
      let growth = tracked.totals[index] - (index < before.count ? before[index] : 0)
      return growth > 0 ? OrderRing.Repair(index: UInt32(index), growth: growth) : nil
    }
    order.repaired(repairs, reaching: position, areMoreToCome: standing == .awaitingFence)
    return reconciliation
  }
}
