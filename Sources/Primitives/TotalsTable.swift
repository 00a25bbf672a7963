/// How often each id was scored: a grow-only counter (the simplest CRDT) with a limit on its size.
///
/// An id is *interned* once into a dense index, which stays the same until ``removeAll()``; whoever keeps something
/// beside each id (what changed, what a client has seen) keeps it in arrays. Merging is commutative,
/// associative and idempotent, so tables that merged the same truths, in any order and however often, agree.
///
/// What Redis turns out to hold less of than was counted is taken back by ``lower(_:at:)``, the one way down.
///
/// Invariant: ``sum`` is exactly the sum of all ``totals``, and ``checksum`` is theirs. Growth that would not fit into 64
/// bits is cut off.
public struct TotalsTable: Sendable {
  /// How many distinct ids the project tracks; what is beyond is passed on as plain deltas.
  public static let maximumCount = 65_536

  private let maximumCount: Int
  private var indices: [ScoreID: Int] = [:]

  /// The interned ids, by index.
  public private(set) var ids: [ScoreID] = []
  /// The total of each id, by index.
  public private(set) var totals: [UInt64] = []
  /// What each id adds to the checksum, by index.
  private var weights: [UInt64] = []
  /// The sum of all totals.
  public private(set) var sum: UInt64 = 0
  /// What the totals consist of.
  public private(set) var checksum = Checksum()

  /// An empty table.
  ///
  /// - Parameter maximumCount: how many distinct ids it takes.
  public init(maximumCount: Int = Self.maximumCount) {
    self.maximumCount = maximumCount
  }

  /// How many ids are interned.
  public var count: Int { ids.count }

  /// The index of an id, if it is interned.
  public func index(of id: ScoreID) -> Int? { indices[id] }

  /// The index of an id, which is interned with a total of 0 if it is new; nil if it is new and the table is full.
  public mutating func intern(_ id: ScoreID) -> Int? {
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
  public subscript(id: ScoreID) -> UInt64 {
    index(of: id).map { totals[$0] } ?? 0
  }

  /// Adds to a total.
  ///
  /// - Returns: by how much it grew: the whole amount, unless that does not fit.
  @discardableResult
  public mutating func add(_ amount: UInt64, at index: Int) -> UInt64 {
    let growth = min(amount, .max - sum)
    totals[index] += growth
    sum += growth
    checksum.add(growth, of: weights[index])
    return growth
  }

  /// Takes off a total what was too much of it, at most all of it.
  ///
  /// - Returns: by how much it fell.
  @discardableResult
  public mutating func lower(_ amount: UInt64, at index: Int) -> UInt64 {
    let fall = min(amount, totals[index])
    totals[index] -= fall
    sum -= fall
    checksum.subtract(fall, of: weights[index])
    return fall
  }

  /// Raises a total to another one; a smaller one changes nothing.
  ///
  /// - Returns: by how much it grew.
  @discardableResult
  public mutating func merge(_ total: UInt64, at index: Int) -> UInt64 {
    let current = totals[index]
    return total > current ? add(total - current, at: index) : 0
  }

  /// What other totals of the same ids consist of.
  ///
  /// - Parameter others: by index, no more of them than ids.
  public func checksum(of others: [UInt64]) -> Checksum {
    var checksum = Checksum()
    for index in others.indices { checksum.add(others[index], of: weights[index]) }
    return checksum
  }

  /// Forgets all ids and totals and keeps the memory.
  public mutating func removeAll() {
    indices.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    totals.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    sum = 0
    checksum = Checksum()
  }
}
