import Primitives

/// The answer to a ``Query/Question/fence``: the scores that the edge was sent before it are the totals of a fence
/// that the hub began after the query arrived. Redis does not hold anything beyond them that the edge may have.
package struct Fenced: Equatable, Sendable {
  /// The id of the query.
  package let id: UInt64
  /// Whether the fence took place.
  package let outcome: QueryOutcome

  /// The answer to the query with this id.
  package init(id: UInt64, outcome: QueryOutcome = .answered) {
    self.id = id
    self.outcome = outcome
  }
}

extension Fenced: Payload {
  static let type = MessageType.fenced
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 1 }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
  }
}
