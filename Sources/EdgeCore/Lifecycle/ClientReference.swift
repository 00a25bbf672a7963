/// A client of a worker: its place, and how many had that place before, so that it is never taken for its successor.
public struct ClientReference: Equatable, Sendable {
  /// The place.
  public let slot: Int32
  /// How many clients had it before.
  public let generation: UInt32

  /// A client.
  public init(slot: Int32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }
}
