public import Primitives
public import Wire

// What the table can tell of its past, and how its ring of increments is kept true to it.
extension ScoreTable {
  /// True if it can be told what the totals were at that place: it lies in this lineage, it was told, and what came since
  /// is remembered.
  public func knows(_ token: ResumeToken) -> Bool {
    standing != .awaitingFence && token.lineage == lineage && token.position <= flushedPosition
      && order.knows(token.position)
  }

  /// How many increments the table remembers the order of.
  public var rememberedIncrements: Int { order.count }

  /// What the totals were.
  ///
  /// - Parameters:
  ///   - positions: places that the table ``knows(_:)``.
  ///   - body: is called once for each of them, in no particular order, with the totals that were not 0.
  public func rewind(to positions: some Sequence<Position>, _ body: (Position, [ScoreTotal]) -> Void) {
    order.rewind(to: positions.sorted(by: >), from: tracked.totals) { position, totals in
      body(
        position,
        totals.indices.lazy.filter { totals[$0] > 0 }.map {
          ScoreTotal(id: tracked.ids[$0], total: totals[$0])
        })
    }
  }

  /// The ids that came after a position, in their order.
  ///
  /// - Returns: nil if they are more than ``RelayProtocol/maximumOrderCount``, or no longer known.
  public func ids(after position: Position) -> [RawRun]? {
    order.order(after: position, limit: RelayProtocol.maximumOrderCount)?.map { stretch in
      RawRun(firstPosition: stretch.firstPosition, ids: stretch.indices.map { tracked.ids[$0] })
    }
  }

  /// Reconciles the table with Redis, and remembers what that repaired.
  mutating func remembering(_ reconcile: (inout ScoreTable) -> Adoption) -> Adoption {
    let lineageBefore = lineage
    let before = tracked.totals
    let adoption = reconcile(&self)
    if lineage != lineageBefore {
      order.restart(at: position)
    } else if standing != .awaitingFence {
      let repairs = tracked.totals.indices.compactMap { index in
        let growth = tracked.totals[index] - (index < before.count ? before[index] : 0)
        return growth > 0 ? OrderRing.Repair(index: UInt32(index), growth: growth) : nil
      }
      order.repaired(repairs, reaching: position)
    }
    return adoption
  }
}
