import Primitives
import Wire

// Queries of edges about the past. Every answer follows the tick's scores, so it refers to nothing that the link was
// not sent.
extension HubStream {
  /// An edge sent a query.
  ///
  /// - Parameter link: the hub's number for the edge's link.
  package mutating func asked(_ query: Query, of link: Int, now: Instant) -> [Action] {
    if case .fence = query.question { return fenceAsked(AskedQuery(link: link, query: query), now) }
    queries.append(query, of: link)
    armQueries(now)
    return []
  }

  // MARK: Fences

  private mutating func fenceAsked(_ asked: AskedQuery, _ now: Instant) -> [Action] {
    guard feedState == .anchored else { return [.refuse(asked, .unavailable)] }
    fenceAskers.append((asked, now))
    return [.fence]
  }

  /// A fence gave totals. While the table is not anchored, another one must follow.
  mutating func fenceEnded(begunAt: Instant, _ now: Instant) {
    guard packer.table.standing == .anchored, !fenceAskers.isEmpty else { return }
    fencedAskers += fenceAskers.filter { $0.at <= begunAt }.map(\.asked)
    fenceAskers.removeAll { $0.at <= begunAt }
    armQueries(now)
  }

  mutating func refuseFences(_ actions: inout [Action]) {
    actions += (fencedAskers + fenceAskers.map(\.asked)).map { .refuse($0, .unavailable) }
    fencedAskers = []
    fenceAskers = []
  }

  /// A list of tweets has been read, and is valid now.
  package mutating func listed(_ list: TweetList) -> [Action] {
    guard let askers = tweetAskers.removeValue(forKey: list.topic) else { return [] }
    guard let payloads = list.payloads, packer.table.standing != .awaitingFence else {
      return askers.map { .refuse($0, .unavailable) }
    }
    // The list is valid after all events so far, so these go first.
    var actions = takeEvents()
    for asked in askers {
      guard case .tweets(_, let count) = asked.query.question,
        let tweets = try? Tweets(id: asked.query.id, payloads: payloads.suffix(count))
      else { continue }
      actions.append(.answer(asked, [.tweets(tweets)]))
    }
    return actions
  }

  /// The tick's scores are out: answers the queries.
  mutating func answerQueries(_ now: Instant, _ actions: inout [Action]) {
    queryDeadline = nil
    guard !queries.isEmpty || !fencedAskers.isEmpty else { return }
    guard !packer.table.isFlushPending else {
      // Scores that arrived since the tick was due go first.
      queryDeadline = packer.deadline
      return
    }
    actions += fencedAskers.map { .answer($0, [.fenced(Fenced(id: $0.query.id))]) }
    fencedAskers = []
    var batch = queries.take(knowing: packer.table)
    batch.refuseWrongChecks(packer.table.checks(at: batch.checkedPositions))
    actions += batch.refused.map { .refuse($0.asked, $0.outcome) }
    packer.table.rewind(to: batch.past.keys) { position, totals in
      for asked in batch.past[position] ?? [] {
        let parts = PastTotals.parts(id: asked.query.id, entries: totals)
        actions.append(.answer(asked, parts.map(Message.pastTotals)))
      }
    }
    answerOrders(batch, &actions)
    askForTweets(batch, &actions)
    armQueries(now)
  }

  private func answerOrders(_ batch: QueryQueue.Batch, _ actions: inout [Action]) {
    for (position, askers) in batch.order.sorted(by: { $0.key < $1.key }) {
      guard let runs = packer.table.ids(after: position)?.map({ ($0.firstPosition, $0.ids) }) else {
        actions += askers.map { .refuse($0, .unknown) }
        continue
      }
      for asked in askers {
        actions.append(.answer(asked, Order.parts(id: asked.query.id, runs: runs).map(Message.order)))
      }
    }
  }

  private mutating func askForTweets(_ batch: QueryQueue.Batch, _ actions: inout [Action]) {
    guard !batch.tweets.isEmpty else { return }
    for (topic, askers) in batch.tweets { tweetAskers[topic, default: []] += askers }
    actions.append(.listTweets(batch.tweets.keys.sorted { "\($0)" < "\($1)" }))
  }

  private mutating func armQueries(_ now: Instant) {
    guard queryDeadline == nil, !queries.isEmpty || !fencedAskers.isEmpty else { return }
    queryDeadline = packer.nextTick(after: now)
  }
}
