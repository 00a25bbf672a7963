import HubCore
import Primitives
import Reactor
import Wire

// What edges ask about the past. Everything is answered behind the tick, so that an answer tells of nothing that the
// link was not sent.
extension HubServer {
  func edgeLink(_ link: EdgeLinkDriver, asked query: Query) {
    queries.append(query, of: link.number)
    armQueries()
    armTick()
  }

  func edgeLink(_ link: EdgeLinkDriver, refused query: Query) {
    link.send(query.answer(without: .unavailable))
    counters.queryAnswered(query.question, .unavailable)
  }

  private func armQueries() {
    guard queryDeadline == nil, !queries.isEmpty else { return }
    queryDeadline = packer.nextTick(after: loop.now)
  }

  /// The tick's scores are out: answers what was asked.
  func answerQueries() {
    queryDeadline = nil
    guard !queries.isEmpty else { return }
    guard !packer.table.isFlushPending else {
      // Scores that came since the tick was due go first.
      queryDeadline = packer.deadline
      return
    }
    let batch = queries.take(knowing: packer.table)
    for refusal in batch.refused { refuse(refusal.asked, refusal.outcome) }
    packer.table.rewind(to: batch.past.keys) { position, totals in
      for asked in batch.past[position] ?? [] {
        answer(asked, PastTotals.parts(id: asked.query.id, entries: totals).map(Message.pastTotals))
      }
    }
    for (position, askers) in batch.order {
      guard let runs = packer.table.ids(after: position) else {
        for asked in askers { refuse(asked, .unknown) }
        continue
      }
      for asked in askers {
        answer(
          asked,
          Wire.Order.parts(id: asked.query.id, runs: runs.map { ($0.firstPosition, $0.ids) }).map(
            Message.order))
      }
    }
    if !batch.tweets.isEmpty {
      for (topic, askers) in batch.tweets { tweetAskers[topic, default: []] += askers }
      feed.listTweets(of: batch.tweets.keys)
    }
    armQueries()
  }

  func feedListed(_ list: TweetList) {
    guard let askers = tweetAskers.removeValue(forKey: list.topic) else { return }
    guard let payloads = list.payloads, packer.table.standing != .awaitingFence else {
      for asked in askers { refuse(asked, .unavailable) }
      return
    }
    // The list holds good behind all that has come, so all that has come goes first.
    publishTopicEvents()
    for asked in askers {
      guard case .tweets(_, let count) = asked.query.question,
        let tweets = try? Tweets(id: asked.query.id, payloads: payloads.suffix(count))
      else { continue }
      answer(asked, [.tweets(tweets)])
    }
  }

  private func answer(_ asked: AskedQuery, _ messages: [Message]) {
    guard let link = links[asked.link] else { return }
    let bytes = EdgeLinkDriver.encoded(messages)
    guard link.answer(bytes) else { return refuse(asked, .unavailable) }
    counters.queryAnswered(asked.query.question, .answered)
  }

  private func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) {
    guard let link = links[asked.link] else { return }
    link.refuse(asked.query, outcome)
    counters.queryAnswered(asked.query.question, outcome)
  }
}
