import Primitives

// The predecessors' duty: each node says in a hash in Redis how it is.
extension FeedMachine {
  /// What an edge is to be shown as.
  public struct NodeStatus: Equatable, Sendable {
    /// The edge.
    public let node: NodeName
    /// What it is doing, in JSON.
    public let json: [UInt8]

    /// A status.
    public init(node: NodeName, json: [UInt8]) {
      self.node = node
      self.json = json
    }
  }

  /// How many edges one command tells of.
  private static let nodesPerCommand = 256

  /// Writes what the edges are doing, and takes away those that were written before and are not there any more.
  ///
  /// Nothing is sent unless the feed is live; nor if Redis refused it, until it is time to ask again.
  public mutating func nodeStatusesDue(_ statuses: [NodeStatus]) -> [Action] {
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
      // That one of the two commands is allowed says nothing of the other.
      return refusals[.nodeStatuses]?.request == request ? granted(.nodeStatuses) : []
    }
    return refused(.nodeStatuses, FeedRefusal(request: request, message: message))
  }

  private static func chunks<Element>(_ elements: [Element]) -> [ArraySlice<Element>] {
    stride(from: 0, to: elements.count, by: nodesPerCommand).map { elements[$0...].prefix(nodesPerCommand) }
  }
}
