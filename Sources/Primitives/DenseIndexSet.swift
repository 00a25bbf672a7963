/// A set of small integers that remembers the order of insertion: no hashing, and emptied in O(members).
///
/// It takes one byte for each index up to the greatest ever inserted.
package struct DenseIndexSet: Sendable {
  private var isMember: [Bool] = []

  /// The members, in the order in which they were inserted.
  package private(set) var members: [Int] = []

  /// An empty set.
  package init() {}

  /// True if there is no member.
  package var isEmpty: Bool { members.isEmpty }

  /// How many members there are.
  package var count: Int { members.count }

  /// True if the index is a member.
  package func contains(_ index: Int) -> Bool {
    isMember.indices.contains(index) && isMember[index]
  }

  /// Inserts an index; does nothing if it is a member already.
  ///
  /// - Parameter index: not negative.
  package mutating func insert(_ index: Int) {
    if index >= isMember.count {
      isMember.append(contentsOf: repeatElement(false, count: index + 1 - isMember.count))
    }
    guard !isMember[index] else { return }
    isMember[index] = true
    members.append(index)
  }

  /// Removes all members and keeps the memory.
  package mutating func removeAll() {
    for index in members { isMember[index] = false }
    members.removeAll(keepingCapacity: true)
  }
}
