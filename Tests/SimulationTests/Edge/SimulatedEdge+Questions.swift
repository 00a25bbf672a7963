import EdgeCore
import Primitives
import Wire

// What is asked of the hubs, and the repair of tweets: what `LinkDriver+Questions` does.
extension SimulatedEdge {
  private static let firstRepairID: UInt64 = 1 << 63

  func ask(_ query: Query) {
    perform(queries.queryPosed(query, to: merge.askable))
  }

  func perform(_ action: HubQueries.Action) {
    switch action {
    case .send(let query, let hub):
      world.happened(.question)
      links[hub].send(.query(query))
    case .deliver(let messages, let hub): for message in messages { answered(message, by: hub) }
    case .giveUp(let query): unanswered(query)
    }
  }

  private func answered(_ message: Message, by hub: Int) {
    if case .tweets(let tweets) = message, let topic = repairs.removeValue(forKey: tweets.id) {
      return repaired(topic, tweets.outcome == .answered ? tweets.payloads : nil, at: merge.place(of: hub))
    }
    if case .tweets(let list) = message, let topic = desk.topic(askedBy: list.id) {
      guard !repair.isHolding(topic) else {
        desk.unanswered(list.id, now: world.now)
        return scheduleTurnEnd()
      }
      repair.listTold(list.payloads, of: topic)
    }
    // A list of tweets is true at its very place: what came before it goes before it.
    broadcastEvents()
    perform(desk.answered(message, for: &renderer, now: world.now))
    scheduleTurnEnd()
  }

  private func unanswered(_ query: Query) {
    if let topic = repairs.removeValue(forKey: query.id) { return repaired(topic, nil) }
    desk.unanswered(query.id, now: world.now)
    scheduleTurnEnd()
  }

  // MARK: Openings

  /// Raw ids and tweets that wait for their pace go first; growth may wait, for answers stand where clients were told last.
  func openStreams() {
    guard desk.deadline != nil else { return }
    broadcastEvents()
    perform(desk.updatesMerged(into: &renderer, now: world.now))
    deskAlarm.set(desk.deadline)
  }

  private func perform(_ actions: [OpeningDesk.Action]) {
    for action in actions {
      switch action {
      case .open(let clients, let bytes):
        let shared = openingBytes.share(bytes)
        for worker in workers {
          let own = clients.filter { $0.worker == worker.number }
          if !own.isEmpty { worker.mailbox.post(.opened(own, shared)) }
        }
      case .ask(let query): ask(query)
      }
    }
  }

  // MARK: Tweets

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
    if payloads?.isEmpty == false { world.happened(.tweetRepair) }
    render(repair.answered(topic, payloads, at: place))
    askForTweets()
  }
}
