public import Primitives

/// Where an event stands among all events of its kind in a lineage, so that two hubs' copies of it are known to be one.
///
/// Redis gives all hubs the same order, and increments stand in it as well as events. So the increments before an
/// event, and the events of its kind behind the last of those, are the same in number at every hub that missed none.
public struct TopicStamp: Hashable, Comparable, Sendable {
  /// How many increments there were before the event.
  public let position: Position
  /// How many events of the same kind (details, or interaction) there were between that position and this one.
  public let ordinal: UInt64

  /// Of an event that was given no stamp yet.
  public static let origin = TopicStamp(position: 0, ordinal: 0)

  /// The event so many events behind that position.
  public init(position: Position, ordinal: UInt64) {
    self.position = position
    self.ordinal = ordinal
  }

  /// The order in which Redis published.
  public static func < (left: TopicStamp, right: TopicStamp) -> Bool {
    (left.position, left.ordinal) < (right.position, right.ordinal)
  }
}
