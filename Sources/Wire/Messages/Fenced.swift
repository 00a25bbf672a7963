import Primitives

/// The answer to a ``Query/Question/fence``: the scores that the edge was sent before it are those of a fence that the hub
/// began after it was asked. What an edge was told beyond them, Redis does not hold.
public struct Fenced: Equatable, Sendable {
  /// The id of the query.
  public let id: UInt64
  /// What came of it.
  public let outcome: QueryOutcome

  /// An answer, or none.
  public init(id: UInt64, outcome: QueryOutcome = .answered) {
    self.id = id
    self.outcome = outcome
  }
}

extension Fenced: Payload {
  static let type = MessageType.fenced

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
  }
}
