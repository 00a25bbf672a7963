import Primitives
import Wire

/// The result of a fence in terms of a table: totals by index, with all ids that have no room in it as one.
struct ScoreTruth: Sendable {
  /// The index of all ids without room.
  static let outside = -1

  /// The totals at the table's place in the stream of increments; zero for ids that Redis does not have.
  private(set) var totals: [UInt64]
  /// The totals that Redis itself held, possibly at an earlier place.
  private(set) var held: [UInt64]
  /// The sum of the totals of the ids without room.
  private(set) var outsideTotal: UInt64 = 0
  /// The part of that sum that Redis itself held.
  private(set) var outsideHeld: UInt64 = 0

  /// The truth of a table without ids.
  init() {
    totals = []
    held = []
  }

  /// - Parameters:
  ///   - fenced: the totals, each id once.
  ///   - unreadable: ids without a known total: they keep the one in `before`.
  ///   - counted: the part of the totals that was counted after Redis read them.
  ///   - table: the table; it has interned all ids that it has room for.
  init(
    _ fenced: [ScoreTotal], unreadable: some Sequence<ScoreID>, counted: [ScoreID: UInt64],
    before: ScoreTruth, in table: TotalsTable
  ) {
    totals = [UInt64](repeating: 0, count: table.count)
    held = totals
    for entry in fenced {
      let held = entry.total - min(entry.total, counted[entry.id] ?? 0)
      if let index = table.index(of: entry.id) {
        totals[index] = entry.total
        self.held[index] = held
      } else {
        outsideTotal = outsideTotal.addingClamped(entry.total)
        outsideHeld = outsideHeld.addingClamped(held)
      }
    }
    for id in unreadable {
      guard let index = table.index(of: id) else { continue }
      held[index] = before.held(at: index)
      totals[index] = held[index]
    }
  }

  /// The total that Redis itself held; 0 for an unknown index.
  func held(at index: Int) -> UInt64 { held.indices.contains(index) ? held[index] : 0 }

  /// The indices of totals that are smaller than before in Redis; with ``outside`` for the ids without room.
  func shrunk(since before: ScoreTruth) -> [Int] {
    held.indices.filter { held[$0] < before.held(at: $0) }
      + (outsideHeld < before.outsideHeld ? [Self.outside] : [])
  }
}
