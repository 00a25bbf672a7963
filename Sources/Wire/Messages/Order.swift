import Primitives

/// The ids after the place in a ``Query/Question/order(_:)``, or a part of them: up to the last flush of scores that
/// the edge was sent.
///
/// The n-th id of a part, counted from 0, has the position `firstPosition + n`. Where positions jump, at repairs,
/// a new part begins.
package struct Order: Equatable, Sendable {
  /// The id of the query.
  package let id: UInt64
  /// Whether the hub could answer.
  package let outcome: QueryOutcome
  /// True in the last part.
  package let isLast: Bool
  /// The position of the first id; 0 if there is none.
  package let firstPosition: Position
  /// The ids; at most ``RelayProtocol/maximumItemsPerMessage``.
  package let ids: [ScoreID]

  /// A part of an answer.
  ///
  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` ids, and the position after
  ///   the last one fits 64 bits.
  package init(id: UInt64, isLast: Bool, firstPosition: Position, ids: [ScoreID]) {
    precondition(ids.count <= RelayProtocol.maximumItemsPerMessage)
    precondition(firstPosition <= .max - Position(ids.count))
    self.id = id
    outcome = .answered
    self.isLast = isLast
    self.firstPosition = firstPosition
    self.ids = ids
  }

  /// An answer without ids.
  package init(id: UInt64, outcome: QueryOutcome) {
    self.id = id
    self.outcome = outcome
    isLast = true
    firstPosition = 0
    ids = []
  }

  /// Runs of ids at consecutive positions as messages to send in order, with nothing between them.
  package static func parts(id: UInt64, runs: [(firstPosition: Position, ids: [ScoreID])]) -> [Order] {
    let batches = runs.flatMap { RawBatch.parts(firstPosition: $0.firstPosition, ids: $0.ids) }
    if batches.isEmpty { return [Order(id: id, outcome: .answered)] }
    return batches.enumerated().map { index, batch in
      Order(id: id, isLast: index == batches.count - 1, firstPosition: batch.firstPosition, ids: batch.ids)
    }
  }
}

extension Order: Payload {
  static let type = MessageType.order
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 1 + 1 + 10 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 64) }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
    isLast = try reader.isLast(outcome)
    firstPosition = try reader.varint(.firstPosition)
    let count = try reader.varint(.idCount, in: 0...outcome.maximumItemCount)
    let greatest = Position.max - Position(count)
    guard firstPosition <= greatest else {
      throw .outOfRange(.order, .firstPosition, value: firstPosition, limits: 0...greatest)
    }
    ids = try reader.items(count: count) { reader throws(WireError) in try reader.scoreID() }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
    writer.write(isLast ? 1 : 0 as UInt8)
    writer.write(varint: firstPosition)
    writer.write(varint: UInt64(ids.count))
    for id in ids { writer.write(prefixed: id.utf8) }
  }
}
