public import Primitives
public import Wire

// What the table can tell of its past, and how its ring of increments is kept true to it.
extension ScoreTable {
  /// True if it can be told what the totals were at that place: it lies in this lineage, it was told, and what came since
  /// is remembered. Whether they were what the token says is another question: ``checks(at:)``.
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

  /// What tokens of some places must say the totals were: ``Primitives/ResumeToken/check``.
  ///
  /// - Parameter positions: places that the table ``knows(_:)``.
  /// - Returns: nothing where increments of untracked ids are part of the position, for no totals say what they were.
  public func checks(at positions: some Sequence<Position>) -> [Position: UInt32] {
    var checks: [Position: UInt32] = [:]
    guard untrackedPosition == 0 else { return checks }
    order.rewind(to: positions.sorted(by: >), from: tracked.totals) { position, totals in
      checks[position] = tracked.checksum(of: totals).check
    }
    return checks
  }

  /// The ids that came after a position, in their order.
  ///
  /// - Returns: nil if they are more than ``RelayProtocol/maximumOrderCount``, or no longer known.
  public func ids(after position: Position) -> [RawRun]? {
    order.order(after: position, limit: RelayProtocol.maximumOrderCount)?.map { stretch in
      RawRun(firstPosition: stretch.firstPosition, ids: stretch.indices.map { tracked.ids[$0] })
    }
  }

  /// Reconciles the table with Redis, and remembers what that repaired. Where totals fell, the past is forgotten: its
  /// positions are no longer those of the present.
  mutating func remembering(_ reconcile: (inout ScoreTable) -> Adoption) -> Adoption {
    let lineageBefore = lineage
    let before = tracked.totals
    let adoption = reconcile(&self)
    guard lineage == lineageBefore, !zip(before, tracked.totals).contains(where: { $0 > $1 }),
      order.position <= position
    else {
      order.restart(at: position)
      return adoption
    }
    let repairs = tracked.totals.indices.compactMap { index in
      let growth = tracked.totals[index] - (index < before.count ? before[index] : 0)
      return growth > 0 ? OrderRing.Repair(index: UInt32(index), growth: growth) : nil
    }
    order.repaired(repairs, reaching: position, areMoreToCome: standing == .awaitingFence)
    return adoption
  }
}
