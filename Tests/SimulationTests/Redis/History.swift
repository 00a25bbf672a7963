import Primitives

/// What truly happened in one lineage, to check every statement about it.
struct History {
  let base: [ScoreID: UInt64]
  let basePosition: Position
  private(set) var ids: [ScoreID] = []
  /// The position that Redis was rolled back to: later positions may belong to another future.
  var ambiguousFrom: Position?

  init(base: [ScoreID: UInt64]) {
    self.base = base
    basePosition = base.values.reduce(0, +)
  }

  var endPosition: Position { basePosition + Position(ids.count) }

  mutating func append(_ id: ScoreID) {
    if ambiguousFrom == nil { ids.append(id) }
  }

  mutating func rolledBack(to position: Position) {
    ambiguousFrom = min(ambiguousFrom ?? position, position)
  }

  /// Whether the totals at a position are unambiguous.
  func isCertain(at position: Position) -> Bool {
    position >= basePosition && position <= ambiguousFrom ?? .max
  }

  /// The growth of each id between two positions. They must be certain, and not in the future.
  func growth(from start: Position, to end: Position) -> [ScoreID: UInt64] {
    var growth: [ScoreID: UInt64] = [:]
    for position in start..<max(start, end) {
      growth[ids[Int(position - basePosition)], default: 0] += 1
    }
    return growth
  }

  /// All totals at a position.
  func totals(at position: Position) -> [ScoreID: UInt64] {
    base.merging(growth(from: basePosition, to: position), uniquingKeysWith: +)
  }

  /// The id whose increment reached a position.
  func id(at position: Position) -> ScoreID? {
    position > basePosition && position <= endPosition ? ids[Int(position - basePosition) - 1] : nil
  }
}
