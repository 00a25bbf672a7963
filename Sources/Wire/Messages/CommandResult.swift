import Primitives

/// How a ``Command`` ended at the edge.
package struct CommandResult: Equatable, Sendable {
  /// The ways in which a command ends.
  package enum Outcome: UInt8, Sendable, CaseIterable {
    /// It was carried out.
    case done = 1
    /// It was not attempted: the verb or the argument is unknown, or the operator forbids it.
    case refused = 2
    /// It was attempted, without success.
    case failed = 3
  }

  /// The greatest length of the text, in bytes of UTF-8.
  package static let maximumTextCount = 65_536

  /// The id of the command.
  package let id: UInt64
  /// How it ended.
  package let outcome: Outcome
  /// Details, in words or in JSON; may be empty.
  package let text: String

  /// A result. A text that is longer than ``maximumTextCount`` is cut between two Unicode scalars.
  package init(id: UInt64, outcome: Outcome, text: String = "") {
    self.id = id
    self.outcome = outcome
    self.text = text.cut(maximumCount: Self.maximumTextCount)
  }
}

extension CommandResult: Payload {
  static let type = MessageType.commandResult
  static let sender: Peer? = .edge
  static var maximumLength: Int { 1 + 10 + 1 + (3 + maximumTextCount) }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
    text = try reader.text(.text, count: 0...Self.maximumTextCount)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
    writer.write(prefixed: text.utf8)
  }
}
