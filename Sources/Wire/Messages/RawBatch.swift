public import Primitives

/// Score ids in the order in which they came. The n-th one, counted from 0, has the position `firstPosition + n`.
public struct RawBatch: Equatable, Sendable {
  /// The position of the first id.
  public let firstPosition: Position
  /// The ids; at most ``RelayProtocol/maximumItemsPerMessage``.
  public let ids: [ScoreID]

  /// - Precondition: there are at most ``RelayProtocol/maximumItemsPerMessage`` ids, and the position behind the
  ///   last one fits 64 bits.
  public init(firstPosition: Position, ids: [ScoreID]) {
    precondition(ids.count <= RelayProtocol.maximumItemsPerMessage)
    precondition(firstPosition <= .max - Position(ids.count))
    self.firstPosition = firstPosition
    self.ids = ids
  }

  /// Any number of ids as messages to send in order.
  public static func parts(firstPosition: Position, ids: [ScoreID]) -> [RawBatch] {
    let limit = RelayProtocol.maximumItemsPerMessage
    return ids.split(maximumCount: limit).enumerated().map { index, part in
      RawBatch(firstPosition: firstPosition + Position(index * limit), ids: part)
    }
  }
}
