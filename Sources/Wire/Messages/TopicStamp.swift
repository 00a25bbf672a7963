import Primitives

/// The place of an event among all events of its kind in a lineage. It identifies two hubs' copies of one event.
///
/// Redis gives all hubs the same order of increments and events. So the number of increments before an event, and the
/// number of events of its kind since the last of those increments, are the same at every hub that missed none.
package struct TopicStamp: Hashable, Comparable, Sendable {
  /// How many increments there were before the event.
  package let position: Position
  /// How many events of the same kind (details, or interaction) there were between that position and this one.
  package let ordinal: UInt64

  /// The stamp of an event that has not been stamped yet.
  package static let origin = TopicStamp(position: 0, ordinal: 0)

  /// The stamp of the event with `ordinal` events of its kind before it at this position.
  package init(position: Position, ordinal: UInt64) {
    self.position = position
    self.ordinal = ordinal
  }

  /// The order in which Redis published.
  package static func < (left: TopicStamp, right: TopicStamp) -> Bool {
    (left.position, left.ordinal) < (right.position, right.ordinal)
  }
}
