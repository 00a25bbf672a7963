import Primitives
import Wire

/// What a fence found, in the terms of a table: by the index of each id, with all ids that have no room in it as one.
struct ScoreTruth: Sendable {
  /// The index that stands for all ids without room.
  static let outside = -1

  /// The totals at the place in the stream of increments that the table has reached; those of ids that Redis does not
  /// have are zero.
  private(set) var totals: [UInt64]
  /// What Redis itself held, which may be at an earlier place.
  private(set) var held: [UInt64]
  /// The sum of the totals of the ids without room.
  private(set) var outsideTotal: UInt64 = 0
  /// What Redis itself held of them.
  private(set) var outsideHeld: UInt64 = 0

  /// The truth of a table without ids.
  init() {
    totals = []
    held = []
  }

  /// - Parameters:
  ///   - fenced: the totals, each id once.
  ///   - unreadable: ids whose totals are not known: they are as they were `before`.
  ///   - counted: what of the totals was counted behind the place where Redis read them.
  ///   - table: in which all ids are interned that have room in it.
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

  /// What Redis itself held of an id; 0 if it was not known.
  func held(at index: Int) -> UInt64 { held.indices.contains(index) ? held[index] : 0 }

  /// The indices of what Redis holds less of than it did before; with ``outside`` for the ids without room.
  func shrunk(since before: ScoreTruth) -> [Int] {
    held.indices.filter { held[$0] < before.held(at: $0) }
      + (outsideHeld < before.outsideHeld ? [Self.outside] : [])
  }
}
