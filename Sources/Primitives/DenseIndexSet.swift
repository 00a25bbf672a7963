/// A set of small integers that remembers the order of insertion: no hashing, and emptied in O(members).
///
/// It takes one byte for each index up to the greatest ever inserted.
public struct DenseIndexSet: Sendable {
  private var isMember: [Bool] = []

  /// The members, in the order in which they were inserted.
  public private(set) var members: [Int] = []

  /// An empty set.
  public init() {}

  /// True if there is no member.
  public var isEmpty: Bool { members.isEmpty }

  /// How many members there are.
  public var count: Int { members.count }

  /// True if the index is a member.
  public func contains(_ index: Int) -> Bool {
    isMember.indices.contains(index) && isMember[index]
  }

  /// Inserts an index; does nothing if it is a member already.
  ///
  /// - Parameter index: not negative.
  public mutating func insert(_ index: Int) {
    if index >= isMember.count {
      isMember.append(contentsOf: repeatElement(false, count: index + 1 - isMember.count))
    }
    guard !isMember[index] else { return }
    isMember[index] = true
    members.append(index)
  }

  /// Removes all members and keeps the memory.
  public mutating func removeAll() {
    for index in members { isMember[index] = false }
    members.removeAll(keepingCapacity: true)
  }
}
