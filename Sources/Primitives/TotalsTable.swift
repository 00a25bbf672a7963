import PlantedFaults

/// The total of each id: a grow-only counter (the simplest CRDT) with a limit on its size.
///
/// An id is *interned* once into a dense index, which stays the same until ``removeAll()``; data beside each id (what
/// changed, what a client has seen) can be kept in arrays. Merging is commutative, associative and idempotent, so
/// tables that merged the same truths, in any order and however often, agree.
///
/// Totals that turn out to exceed those in Redis are reduced by ``lower(_:at:)``, the only way down.
///
/// Invariant: ``sum`` is exactly the sum of all ``totals``, and ``checksum`` is theirs. Growth that does not fit into
/// 64 bits is cut off.
package struct TotalsTable: Sendable {
  /// How many distinct ids the project tracks; further ones are passed on as plain deltas.
  package static let maximumCount = 65_536

  private let maximumCount: Int
  private var indices: [ScoreID: Int] = [:]

  /// The interned ids, by index.
  package private(set) var ids: [ScoreID] = []
  /// The total of each id, by index.
  package private(set) var totals: [UInt64] = []
  /// The weight of each id in the checksum, by index.
  private var weights: [UInt64] = []
  /// The sum of all totals.
  package private(set) var sum: UInt64 = 0
  /// The checksum of the totals.
  package private(set) var checksum = Checksum()

  /// An empty table.
  ///
  /// - Parameter maximumCount: how many distinct ids it can hold.
  package init(maximumCount: Int = Self.maximumCount) {
    self.maximumCount = maximumCount
  }

  /// How many ids are interned.
  package var count: Int { ids.count }

  /// The index of an id, if it is interned.
  package func index(of id: ScoreID) -> Int? { indices[id] }

  /// The index of an id; a new id is interned with a total of 0. Nil if it is new and the table is full.
  package mutating func intern(_ id: ScoreID) -> Int? {
    if let index = indices[id] { return index }
    guard ids.count < maximumCount else { return nil }
    let index = ids.count
    indices[id] = index
    ids.append(id)
    totals.append(0)
    weights.append(id.weight)
    return index
  }

  /// The total of an id; 0 if it is not interned.
  package subscript(id: ScoreID) -> UInt64 {
    index(of: id).map { totals[$0] } ?? 0
  }

  /// Adds to a total.
  ///
  /// - Returns: the actual growth: the whole amount, unless that does not fit.
  @discardableResult
  package mutating func add(_ amount: UInt64, at index: Int) -> UInt64 {
    let growth = min(amount, .max - sum)
    totals[index] += growth
    sum += growth
    checksum.add(growth, of: weights[index])
    return growth
  }

  /// Reduces a total by an excess, at most to 0.
  ///
  /// - Returns: the actual reduction.
  @discardableResult
  package mutating func lower(_ amount: UInt64, at index: Int) -> UInt64 {
    let fall = min(amount, totals[index])
    totals[index] -= fall
    sum -= fall
    checksum.subtract(fall, of: weights[index])
    return fall
  }

  /// Raises a total to another one; a smaller one changes nothing.
  ///
  /// - Returns: the growth.
  @discardableResult
  package mutating func merge(_ total: UInt64, at index: Int) -> UInt64 {
    let current = totals[index]
    if planted(.totalsSummed) { return add(total, at: index) }
    return total > current ? add(total - current, at: index) : 0
  }

  /// The checksum of other totals of the same ids.
  ///
  /// - Parameter others: by index, no more of them than ids.
  package func checksum(of others: [UInt64]) -> Checksum {
    var checksum = Checksum()
    for index in others.indices { checksum.add(others[index], of: weights[index]) }
    return checksum
  }

  /// Removes all ids and totals and keeps the memory.
  package mutating func removeAll() {
    indices.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    totals.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    sum = 0
    checksum = Checksum()
  }
}
