/// A set of small integers that remembers the order in which they came: no hashing, and emptied in O(members).
///
/// It grows to the greatest index that was ever put in, one byte each.
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

  /// Puts an index in; nothing happens if it is a member already.
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

  /// Takes all members out and keeps the memory.
  public mutating func removeAll() {
    for index in members { isMember[index] = false }
    members.removeAll(keepingCapacity: true)
  }
}
