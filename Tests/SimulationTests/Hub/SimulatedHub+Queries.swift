import HubCore
import Primitives
import Wire

// What edges ask about the past: what `HubServer+Queries` does.
extension SimulatedHub {
  func asked(_ query: Query, by link: HubSideLink) {
    queries.append(query, of: link.number)
    armQueries()
    armTick()
  }

  private func armQueries() {
    guard queryDeadline == nil, !queries.isEmpty else { return }
    queryDeadline = packer.nextTick(after: world.now)
  }

  func answerQueries() {
    queryDeadline = nil
    guard !queries.isEmpty else { return }
    guard !packer.table.isFlushPending else {
      queryDeadline = packer.deadline
      return
    }
    let batch = queries.take(knowing: packer.table)
    for refusal in batch.refused { refuse(refusal.asked, refusal.outcome) }
    packer.table.rewind(to: batch.past.keys.sorted()) { position, totals in
      for asked in batch.past[position] ?? [] {
        answer(asked, PastTotals.parts(id: asked.query.id, entries: totals).map(Message.pastTotals))
      }
    }
    for (position, askers) in batch.order.sorted(by: { $0.key < $1.key }) {
      let runs = packer.table.ids(after: position)?.map { ($0.firstPosition, $0.ids) }
      for asked in askers {
        guard let runs else {
          refuse(asked, .unknown)
          continue
        }
        answer(asked, Order.parts(id: asked.query.id, runs: runs).map(Message.order))
      }
    }
    let tweets = batch.tweets.sorted { "\($0.key)" < "\($1.key)" }
    for (topic, askers) in tweets { tweetAskers[topic, default: []] += askers }
    if !tweets.isEmpty {
      perform(machine.listTweets(of: tweets.map(\.key), now: world.now, using: &world.random))
    }
    armQueries()
  }

  func feedListed(_ list: TweetList) {
    guard let askers = tweetAskers.removeValue(forKey: list.topic) else { return }
    guard let payloads = list.payloads, packer.table.standing != .awaitingFence else {
      for asked in askers { refuse(asked, .unavailable) }
      return
    }
    publishTopicEvents()
    for asked in askers {
      guard case .tweets(_, let count) = asked.query.question,
        let tweets = try? Tweets(id: asked.query.id, payloads: payloads.suffix(count))
      else { continue }
      answer(asked, [.tweets(tweets)])
    }
  }

  private func answer(_ asked: AskedQuery, _ messages: [Message]) {
    guard let link = link(asked.link) else { return }
    if !link.answer(HubSideLink.encoded(messages)) { refuse(asked, .unavailable) }
  }

  private func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) {
    link(asked.link)?.refuse(asked.query, outcome)
  }
}
