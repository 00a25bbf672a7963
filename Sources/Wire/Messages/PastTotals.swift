import Primitives

/// The totals at the place in a ``Query/Question/past(_:)``, or a part of them.
///
/// They compare with the present that the edge was sent before this message.
package struct PastTotals: Equatable, Sendable {
  /// The id of the query.
  package let id: UInt64
  /// Whether the hub could answer.
  package let outcome: QueryOutcome
  /// True in the last part.
  package let isLast: Bool
  /// The totals of all tracked ids, except zeros; at most ``RelayProtocol/maximumItemsPerMessage``.
  package let entries: [ScoreTotal]

  /// A part of an answer.
  ///
  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` entries.
  package init(id: UInt64, isLast: Bool, entries: [ScoreTotal]) {
    precondition(entries.count <= RelayProtocol.maximumItemsPerMessage)
    self.id = id
    outcome = .answered
    self.isLast = isLast
    self.entries = entries
  }

  /// An answer without totals.
  package init(id: UInt64, outcome: QueryOutcome) {
    self.id = id
    self.outcome = outcome
    isLast = true
    entries = []
  }

  /// A table of any size as messages to send in order, with nothing between them.
  package static func parts(id: UInt64, entries: [ScoreTotal]) -> [PastTotals] {
    let parts = entries.split(maximumCount: RelayProtocol.maximumItemsPerMessage)
    return parts.enumerated().map { index, part in
      PastTotals(id: id, isLast: index == parts.count - 1, entries: part)
    }
  }
}

extension PastTotals: Payload {
  static let type = MessageType.pastTotals
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 1 + 1 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 64 + 10) }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
    isLast = try reader.isLast(outcome)
    let count = try reader.varint(.entryCount, in: 0...outcome.maximumItemCount)
    entries = try reader.items(count: count, ScoreTotal.init(from:))
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
    writer.write(isLast ? 1 : 0 as UInt8)
    writer.write(varint: UInt64(entries.count))
    for entry in entries { entry.write(to: &writer) }
  }
}

extension QueryOutcome {
  /// How many items a part may hold; 0 if the outcome is not ``answered``.
  var maximumItemCount: Int { self == .answered ? RelayProtocol.maximumItemsPerMessage : 0 }
}

extension PayloadReader {
  /// Reads whether a part is the last one. Without an answer, a further part is an error.
  mutating func isLast(_ outcome: QueryOutcome) throws(WireError) -> Bool {
    if outcome == .answered { return try flag(.isLast) }
    return try byte(.isLast, in: 1...1) == 1
  }
}
