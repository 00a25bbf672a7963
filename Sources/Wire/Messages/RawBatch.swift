import Primitives

/// Score ids in the order in which Redis published them. The n-th one, counted from 0, has the position
/// `firstPosition + n`.
package struct RawBatch: Equatable, Sendable {
  /// The position of the first id.
  package let firstPosition: Position
  /// The ids; at most ``RelayProtocol/maximumItemsPerMessage``.
  package let ids: [ScoreID]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` ids, and the position after
  ///   the last one fits 64 bits.
  package init(firstPosition: Position, ids: [ScoreID]) {
    precondition(ids.count <= RelayProtocol.maximumItemsPerMessage)
    precondition(firstPosition <= .max - Position(ids.count))
    self.firstPosition = firstPosition
    self.ids = ids
  }

  /// Any number of ids as messages to send in order.
  package static func parts(firstPosition: Position, ids: [ScoreID]) -> [RawBatch] {
    let limit = RelayProtocol.maximumItemsPerMessage
    return ids.split(maximumCount: limit).enumerated().map { index, part in
      RawBatch(firstPosition: firstPosition + Position(index * limit), ids: part)
    }
  }
}

extension RawBatch: Payload {
  static let type = MessageType.raw
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 2 + RelayProtocol.maximumItemsPerMessage * (1 + 64) }

  init(from reader: inout PayloadReader) throws(WireError) {
    firstPosition = try reader.varint(.firstPosition)
    let count = try reader.varint(.idCount, in: 0...RelayProtocol.maximumItemsPerMessage)
    let greatest = Position.max - Position(count)
    guard firstPosition <= greatest else {
      throw .outOfRange(.raw, .firstPosition, value: firstPosition, limits: 0...greatest)
    }
    ids = try reader.items(count: count) { reader throws(WireError) in try reader.scoreID() }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: firstPosition)
    writer.write(varint: UInt64(ids.count))
    for id in ids { writer.write(prefixed: id.utf8) }
  }
}
