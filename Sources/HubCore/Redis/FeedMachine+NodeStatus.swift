import Primitives

// Inherited from the predecessors: each node reports its state in a Redis hash.
extension FeedMachine {
  /// The state of an edge, to be written into Redis.
  package struct NodeStatus: Equatable, Sendable {
    /// The edge's name.
    package let node: NodeName
    /// The state as JSON.
    package let json: [UInt8]

    /// The state of one edge.
    package init(node: NodeName, json: [UInt8]) {
      self.node = node
      self.json = json
    }
  }

  /// The most edges in one command.
  private static let nodesPerCommand = 256

  /// Writes the states of the edges, and deletes those of edges that are gone.
  ///
  /// Sends nothing unless the feed is live, nor after a refusal until the next retry.
  package mutating func nodeStatusesDue(_ statuses: [NodeStatus]) -> [Action] {
    guard isLive, refusal(of: .nodeStatuses) == nil else { return [] }
    let present = Set(statuses.map(\.node))
    let gone = writtenNodes.subtracting(present).sorted()
    writtenNodes = present
    var commands = Self.chunks(statuses).map { chunk in
      FeedCommand(
        ["HSET", configuration.names.nodeStatuses].map { Array($0.utf8) }
          + chunk.flatMap { [Array($0.node.description.utf8), $0.json] })
    }
    commands += Self.chunks(gone).map { chunk in
      FeedCommand(
        (["HDEL", configuration.names.nodeStatuses] + chunk.map(\.description)).map { Array($0.utf8) })
    }
    guard !commands.isEmpty else { return [] }
    for each in commands { session?.command.requests.append(.nodeStatus(each.description)) }
    return [.send(.command, commands)]
  }

  mutating func nodeStatusAnswered(_ name: String, _ reply: FeedReply) -> [Action] {
    let request = "\(name) \(configuration.names.nodeStatuses)"
    guard let message = reply.failure else {
      // One of the two commands may be allowed while the other is still refused.
      return refusals[.nodeStatuses]?.request == request ? granted(.nodeStatuses) : []
    }
    return refused(.nodeStatuses, FeedRefusal(request: request, message: message))
  }

  private static func chunks<Element>(_ elements: [Element]) -> [ArraySlice<Element>] {
    stride(from: 0, to: elements.count, by: nodesPerCommand).map { elements[$0...].prefix(nodesPerCommand) }
  }
}
