/// What an edge wants to receive from now on.
public struct Interest: Equatable, Sendable {
  /// What the topics of an ``Interest`` do to the set that the hub holds for the edge.
  public enum Operation: UInt8, Sendable, CaseIterable {
    /// The set is now these topics and no others.
    case replace = 1
    /// The set holds these topics too.
    case add = 2
    /// The set holds these topics no longer.
    case remove = 3
  }

  /// What to do with the topics.
  public let operation: Operation
  /// The topics; at most ``RelayProtocol/maximumItemsPerMessage``. Their order means nothing.
  public let topics: [Topic]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` topics.
  public init(_ operation: Operation, _ topics: [Topic]) {
    precondition(topics.count <= RelayProtocol.maximumItemsPerMessage)
    self.operation = operation
    self.topics = topics
  }

  /// Any number of topics as messages to send in order. A replacement goes on as additions.
  public static func parts(_ operation: Operation, _ topics: [Topic]) -> [Interest] {
    let rest = operation == .replace ? .add : operation
    return topics.split(maximumCount: RelayProtocol.maximumItemsPerMessage).enumerated().map { index, part in
      Interest(index == 0 ? operation : rest, part)
    }
  }
}
