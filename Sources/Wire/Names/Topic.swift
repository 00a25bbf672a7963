/// Something that a hub sends only to the edges that asked for it. Scores go to every edge and need no topic.
public enum Topic: Hashable, Sendable {
  /// Every score id as it comes.
  case raw
  /// The details of one id.
  case details(TopicID)
  /// The details of all ids.
  case allDetails
  /// All interaction channels.
  case interaction
}
