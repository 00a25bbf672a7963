import Primitives

/// A change of the set of topics that an edge wants to receive.
package struct Interest: Equatable, Sendable {
  /// What the topics of an ``Interest`` do to the set that the hub holds for the edge.
  package enum Operation: UInt8, Sendable, CaseIterable {
    /// The set is now these topics and no others.
    case replace = 1
    /// The set holds these topics too.
    case add = 2
    /// The set holds these topics no longer.
    case remove = 3
  }

  /// What to do with the topics.
  package let operation: Operation
  /// The topics; at most ``RelayProtocol/maximumItemsPerMessage``. Their order means nothing.
  package let topics: [Topic]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` topics.
  package init(_ operation: Operation, _ topics: [Topic]) {
    precondition(topics.count <= RelayProtocol.maximumItemsPerMessage)
    self.operation = operation
    self.topics = topics
  }

  /// Any number of topics as messages to send in order. A replacement continues with additions.
  package static func parts(_ operation: Operation, _ topics: [Topic]) -> [Interest] {
    let rest = operation == .replace ? .add : operation
    return topics.split(maximumCount: RelayProtocol.maximumItemsPerMessage).enumerated().map { index, part in
      Interest(index == 0 ? operation : rest, part)
    }
  }
}

extension Interest: Payload {
  static let type = MessageType.interest
  static let sender: Peer? = .edge
  static var maximumLength: Int { 1 + 1 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 1 + 64) }

  init(from reader: inout PayloadReader) throws(WireError) {
    operation = try reader.choice(.operation)
    let count = try reader.varint(.topicCount, in: 0...RelayProtocol.maximumItemsPerMessage)
    topics = try reader.items(count: count, Topic.init(from:))
  }

  func write(to writer: inout ByteWriter) {
    writer.write(operation.rawValue)
    writer.write(varint: UInt64(topics.count))
    for topic in topics { topic.write(to: &writer) }
  }
}

extension Topic {
  private enum Kind: UInt8 {
    case raw = 1
    case details = 2
    case allDetails = 3
    case interaction = 4
  }

  init(from reader: inout PayloadReader) throws(WireError) {
    let kind: Kind = try reader.choice(.topicKind)
    self =
      switch kind {
      case .raw: .raw
      case .details: .details(try reader.topicID())
      case .allDetails: .allDetails
      case .interaction: .interaction
      }
  }

  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .raw: writer.write(Kind.raw.rawValue)
    case .details(let id):
      writer.write(Kind.details.rawValue)
      writer.write(prefixed: id.description.utf8)
    case .allDetails: writer.write(Kind.allDetails.rawValue)
    case .interaction: writer.write(Kind.interaction.rawValue)
    }
  }
}
