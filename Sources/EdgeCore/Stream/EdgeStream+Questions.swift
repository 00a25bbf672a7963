import Primitives
import Wire

// The questions to hubs about the past: for clients that resume, and for the repair of tweets.
extension EdgeStream {
  /// The first id of the queries for repairs; queries for clients have smaller ids.
  private static let firstRepairID: UInt64 = 1 << 63

  /// Asks the hubs, one after the other, until one can answer.
  mutating func ask(_ query: Query, _ now: Instant, _ actions: inout [Action]) {
    perform(queries.queryPosed(query, to: hubs(for: query)), now, &actions)
  }

  /// The hubs that can be asked, in order of preference.
  func hubs(for query: Query) -> [Int] {
    merge.askable.filter { query.expressed(inVersion: merge.hubs[$0].version) != nil }
  }

  mutating func perform(_ action: HubQueries.Action, _ now: Instant, _ actions: inout [Action]) {
    switch action {
    case .send(let query, let hub):
      if let expressed = query.expressed(inVersion: merge.hubs[hub].version) {
        actions.append(.send(.query(expressed), hub: hub))
      }
    case .deliver(let parts, let hub): for part in parts { answered(part, by: hub, now, &actions) }
    case .giveUp(let query): unanswered(query, now, &actions)
    }
  }

  /// A hub sent an answer; all its parts come at once.
  private mutating func answered(
    _ message: Message, by hub: Int, _ now: Instant, _ actions: inout [Action]
  ) {
    if case .fenced(let fenced) = message { return excessAnswered(fenced, now, &actions) }
    guard case .tweets(let tweets) = message, let topic = repairs.removeValue(forKey: tweets.id) else {
      return openingAnswered(message, now, &actions)
    }
    repaired(
      topic, tweets.outcome == .answered ? tweets.payloads : nil, at: merge.place(of: hub), now, &actions)
  }

  private mutating func unanswered(_ query: Query, _ now: Instant, _ actions: inout [Action]) {
    if case .fence = query.question { return excessUnanswered(now, &actions) }
    if let topic = repairs.removeValue(forKey: query.id) {
      return repaired(topic, nil, at: nil, now, &actions)
    }
    resolver.unanswered(query.id, now: now)
    actions.append(.endTurn)
  }

  /// Whether a hub that has not been asked may know more of the past than all others: soon after the start not every
  /// hub has been reached, and a hub that has just restarted remembers nothing.
  private func isNewHere(_ now: Instant) -> Bool {
    guard merge.askable.count < merge.hubs.count, let start = firstLinkOpenedAt else { return false }
    return now < start.advanced(by: OpeningResolver.openingLimit)
  }

  /// The id of the query that this answer denies; nil for other answers.
  private static func denied(by message: Message) -> UInt64? {
    switch message {
    case .pastTotals(let part) where part.outcome == .unknown: part.id
    case .order(let part) where part.outcome == .unknown: part.id
    default: nil
    }
  }

  // MARK: Openings

  /// The workers have been handed everything new, except updates that are paced: answers the clients that can be
  /// answered.
  mutating func openStreams(_ now: Instant, _ actions: inout [Action]) {
    guard !resolver.isIdle else { return }
    takeEvents(&actions)
    perform(resolver.updatesMerged(into: &renderer, now: now, heldUntil: holdsClientsUntil), now, &actions)
  }

  private mutating func openingAnswered(_ message: Message, _ now: Instant, _ actions: inout [Action]) {
    if case .tweets(let list) = message, let topic = resolver.topic(askedBy: list.id) {
      guard !repair.isHolding(topic), !merge.isHolding(topic) else {
        // The list contains tweets that other clients have not been sent yet: it must wait.
        resolver.unanswered(list.id, now: now)
        return actions.append(.endTurn)
      }
      repair.listReceived(list.payloads, of: topic)
    }
    if let id = Self.denied(by: message), isNewHere(now) {
      resolver.unanswered(id, now: now)
      return actions.append(.endTurn)
    }
    // A list of tweets is valid exactly at its place: earlier events go before it.
    takeEvents(&actions)
    perform(resolver.answered(message, for: &renderer, now: now), now, &actions)
    actions.append(.endTurn)
  }

  private mutating func perform(
    _ decided: [OpeningResolver.Action], _ now: Instant, _ actions: inout [Action]
  ) {
    for action in decided {
      switch action {
      case .open(let clients, let bytes): actions.append(.open(clients, bytes))
      case .admit(let clients): actions.append(.admit(clients))
      case .ask(let query): ask(query, now, &actions)
      }
    }
  }

  // MARK: Tweets

  /// A hub is connected to Redis again: asks for the missed tweets of the topics with clients.
  mutating func outageEnded(_ now: Instant, _ actions: inout [Action]) {
    render(repair.outageEnded(topics: interest.detailsWithClients), &actions)
    askForTweets(now, &actions)
  }

  private mutating func askForTweets(_ now: Instant, _ actions: inout [Action]) {
    for topic in repair.takeQuestions() {
      lastRepair += 1
      let id = Self.firstRepairID + lastRepair
      repairs[id] = topic
      ask(Query(id: id, .tweets(topic, count: Tweets.maximumCount)), now, &actions)
    }
  }

  private mutating func repaired(
    _ topic: TopicID, _ payloads: [[UInt8]]?, at place: ResumeToken?, _ now: Instant,
    _ actions: inout [Action]
  ) {
    render(repair.answered(topic, payloads, at: place), &actions)
    askForTweets(now, &actions)
  }
}
