import EdgeCore
import Primitives
import Wire

// What is asked of the hubs, and the repair of tweets, which asks.
extension LinkDriver {
  /// The ids of the questions that repairs ask; those that clients need are smaller.
  private static let firstRepairID: UInt64 = 1 << 63

  /// Asks the hubs, one after the other, until one can answer.
  func ask(_ query: Query) {
    perform(queries.queryPosed(query, to: merge.askable))
  }

  func perform(_ action: HubQueries.Action) {
    switch action {
    case .send(let query, let hub): hubs[hub].send(.query(query))
    case .deliver(let messages, let hub): for message in messages { answered(message, by: hub) }
    case .giveUp(let query): unanswered(query)
    }
  }

  /// A part of an answer; all parts come at once.
  private func answered(_ message: Message, by hub: Int) {
    guard case .tweets(let tweets) = message, let topic = repairs.removeValue(forKey: tweets.id) else {
      return openingAnswered(message)
    }
    repaired(topic, tweets.outcome == .answered ? tweets.payloads : nil, at: merge.place(of: hub))
  }

  private func unanswered(_ query: Query) {
    guard let topic = repairs.removeValue(forKey: query.id) else { return openingUnanswered(query) }
    repaired(topic, nil)
  }

  // MARK: Tweets

  /// Hubs tell again what happens: what was missed of the topics that have clients is asked for.
  func outageEnded() {
    render(repair.outageEnded(topics: interest.detailsWithClients))
    askForTweets()
  }

  private func askForTweets() {
    for topic in repair.takeQuestions() {
      lastRepair += 1
      let id = Self.firstRepairID + lastRepair
      repairs[id] = topic
      ask(Query(id: id, .tweets(topic, count: Tweets.maximumCount)))
    }
  }

  private func repaired(_ topic: TopicID, _ payloads: [[UInt8]]?, at place: ResumeToken? = nil) {
    render(repair.answered(topic, payloads, at: place))
    askForTweets()
  }
}
