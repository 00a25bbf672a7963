import Primitives
import Wire

/// The choice between lineages.
extension HubMerge {
  /// How long the edge does not return to a lineage it left just because one hub stayed in it. Within this time a hub
  /// that hears Redis follows the new lineage, and a hub that does not hear it notices and reports so.
  static let returnDelay = Duration.seconds(10)

  private static let leftLineagesMaximum = 16

  /// Follows the lineage that the rule selects. An anchored and fresh hub is right about the lineage; without one,
  /// the fewest changes are best.
  mutating func follow() {
    let candidates = hubs.indices.filter {
      hubs[$0].isLive && hubs[$0].lineage != nil && !hasMerelyStayed($0)
    }
    guard let best = candidates.min(by: { rank($0) < rank($1) }), let chosen = hubs[best].lineage,
      chosen != lineage, hubs[best].isFresh || lineage == nil
    else { return }
    begin(chosen)
    for hub in candidates where hubs[hub].lineage == chosen { emitTotals(of: hub, in: chosen) }
  }

  mutating func emitTotals(of hub: Int, in lineage: Lineage) {
    let totals = hubs[hub].totals
    let entries = totals.ids.indices.map { ScoreTotal(id: totals.ids[$0], total: totals.totals[$0]) }
    emit(.totals(MergedTotals(snapshotOf: lineage, position: hubs[hub].position, entries: entries)))
  }

  /// Whether a hub is in a lineage that was left a moment ago, and has not moved to it since.
  private func hasMerelyStayed(_ hub: Int) -> Bool {
    guard !hubs[hub].hasMoved, hubs[hub].lineage != lineage,
      let left = leftLineages.last(where: { $0.lineage == hubs[hub].lineage })
    else { return false }
    return now < left.until
  }

  private func rank(_ hub: Int) -> (Int, Int, Int) {
    let feed = hubs[hub]
    if feed.isFresh && feed.feed?.isAnchored == true {
      return (0, leftLineages.contains { $0.lineage == feed.lineage } ? 1 : 0, hub)
    }
    return (feed.isFresh ? 1 : 2, feed.lineage == lineage ? 0 : 1, hub)
  }

  mutating func begin(_ chosen: Lineage) {
    guard chosen != lineage else { return }
    leftLineages.removeAll { $0.lineage == chosen }
    if let lineage {
      // An unanchored hub is followed only if there is no better one.
      let isRight = hubs.contains { $0.lineage == chosen && $0.feed?.isAnchored == true }
      leftLineages.append((lineage, isRight ? now.advanced(by: Self.returnDelay) : now))
    }
    if leftLineages.count > Self.leftLineagesMaximum { leftLineages.removeFirst() }
    lineage = chosen
    rawPosition = 0
    stamps = RecentTable()
    for hub in hubs.indices {
      hubs[hub].isTrusted = false
      guard hubs[hub].lineage != chosen else { continue }
      hubs[hub].held = HubFeed.Held()
      hubs[hub].hasMoved = false
    }
  }
}
