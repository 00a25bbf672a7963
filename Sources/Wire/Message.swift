/// Everything that hub and edge say to each other.
public enum Message: Equatable, Sendable {
  // From an edge to its hub.
  case hello(Hello)
  case interest(Interest)
  case report(Report)
  case commandResult(CommandResult)
  // Both ways.
  case ping(Ping)
  case pong(Pong)
  case goAway(GoAway)
  // From a hub to its edges.
  case welcome(Welcome)
  case snapshot(Snapshot)
  case scores(Scores)
  case raw(RawBatch)
  case topicEvent(TopicEvent)
  case gap(Gap)
  case feed(FeedStatus)
  case command(Command)
}
