/// A kind of event that a hub sends only to interested edges. Scores go to every edge and need no topic.
package enum Topic: Hashable, Sendable {
  /// Every score id, in order.
  case raw
  /// The details of one id.
  case details(TopicID)
  /// The details of all ids.
  case allDetails
  /// All interaction channels.
  case interaction
}
