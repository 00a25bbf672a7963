import Primitives
import Wire

/// Decides what a hub sends to its edges, and in which order. It joins the scores, the events of topics, and the
/// answers to queries.
///
/// Everything goes out on the tick: scores first, then topic events, then answers. The order of Redis's messages is
/// kept. While a fence is awaited the places of events are not known, so they wait for it.
///
/// The driver reports each event from Redis and the edges, performs the returned actions at once, and sets its timer
/// to ``deadline``.
package struct HubStream: Sendable {
  /// An action of the driver.
  package enum Action: Equatable, Sendable {
    /// Sends scores to all edges that can take them, and raw ids to those that want them.
    case publish(ScoreFlush)
    /// Sends topic events to the edges that want them, in this order.
    case publishEvents([TopicEvent])
    /// Another lineage began, or totals fell: an edge needs a snapshot before anything else.
    case requireSnapshots
    /// Makes the other hubs of this Redis read the totals again.
    case announce
    /// Reads the totals again, soon.
    case fence
    /// Sends a snapshot of the present totals to every edge that needs one.
    case publishSnapshots
    /// Sends the state of the feed to all edges.
    case publishStatus(FeedStatus)
    /// Counts topic events that are dropped.
    case countForgotten(Int)
    /// Reads the last tweets of these topics; ``listed(_:)`` reports each list.
    case listTweets([TopicID])
    /// Sends these parts of an answer, all at once; if the link has no room for them, the query is unavailable.
    case answer(AskedQuery, [Message])
    /// Refuses a query.
    case refuse(AskedQuery, QueryOutcome)
  }

  /// The result of a fence.
  package struct Judgement: Equatable, Sendable {
    /// The result for the totals.
    package let reconciliation: ScoreTable.Reconciliation
    /// The actions to perform.
    package let actions: [Action]
    /// The answer to the feed: ``FeedMachine/fenceJudged(_:now:using:)``, once the actions are done.
    package let verdict: FenceVerdict
  }

  /// The scores and their ticks.
  package internal(set) var packer: ScorePacker
  /// The state of the feed from Redis; nil before it is known for the first time.
  package private(set) var feedState: FeedState?
  private var topics = TopicQueue()
  /// The tick at which topic events go out; set when the first of them arrives.
  private var topicDeadline: Instant?
  var queries = QueryQueue()
  /// The tick after which queries are answered.
  var queryDeadline: Instant?
  /// The queries that wait for a fence begun after this moment.
  var fenceAskers: [(asked: AskedQuery, at: Instant)] = []
  /// The queries whose fence is done: the next tick answers them, after its scores.
  var fencedAskers: [AskedQuery] = []
  /// The queries that wait for the last tweets of a topic.
  var tweetAskers: [TopicID: [AskedQuery]] = [:]

  /// A stream without a feed.
  package init(_ packer: ScorePacker) {
    self.packer = packer
  }

  /// The totals.
  package var table: ScoreTable { packer.table }

  /// When ``tickHit(now:)`` is due; nil while nothing waits.
  package var deadline: Instant? {
    [packer.deadline, topicDeadline, queryDeadline].compactMap(\.self).min()
  }

  /// The state of the feed, as sent to edges.
  package var feedStatus: FeedStatus {
    switch feedState {
    case .anchored where table.standing == .awaitingFence:
      // Messages arrive, but their places are not known yet.
      FeedStatus(state: .interrupted, isAnchored: false)
    case .anchored: FeedStatus(state: .live, isAnchored: true)
    case .unanchored: FeedStatus(state: .live, isAnchored: false)
    case .interrupted, nil: FeedStatus(state: .interrupted, isAnchored: table.standing == .anchored)
    }
  }

  // MARK: Input from Redis

  /// A message arrived, in Redis's own order.
  package mutating func brought(_ message: FeedMessage, now: Instant) -> [Action] {
    switch message {
    case .increment(let id): packer.incremented(id, now: now)
    case .topicEvent(let event):
      topics.append(event, at: packer.table.position)
      guard !topics.isOverfull else { return takeEvents() }
      armTopics(now)
    case .rejected, .fence: break
    }
    return []
  }

  /// A fence found the true totals, at this very place in the order of messages.
  package mutating func fenced(_ totals: FenceTotals, now: Instant) -> Judgement {
    let wasUnplaced = packer.table.isUnplaced
    let hadLineage = packer.table.lineage != nil
    let statusBefore = feedStatus
    let positionBefore = packer.table.position
    let reconciliation = packer.fenced(
      lineage: totals.lineage, totals: totals.totals, unreadable: totals.unreadable, counted: totals.counted,
      now: now)
    var actions: [Action] = []
    switch reconciliation {
    case .confirmed, .undecided, .explained, .repaired, .corrected(_, overcounted: 0): break
    case .corrected:
      if !wasUnplaced { actions += takeEvents() }
      actions += [.requireSnapshots, .announce]
    case .began(let closing):
      if let closing { actions.append(.publish(closing)) }
      if !wasUnplaced { actions += takeEvents() }
      actions.append(.requireSnapshots)
      if hadLineage { actions.append(.announce) }
    case .wentBackwards:
      return Judgement(reconciliation: reconciliation, actions: [], verdict: .renameLineage(totals.lineage))
    }
    // Missed or lost increments lie before the events that arrived until the fence.
    if wasUnplaced { topics.moved(from: positionBefore, to: packer.table.position) }
    actions.append(.publishSnapshots)
    if feedStatus.state != statusBefore.state { actions.append(.publishStatus(feedStatus)) }
    fenceEnded(begunAt: totals.begunAt, now)
    armTopics(now)
    return Judgement(reconciliation: reconciliation, actions: actions, verdict: .next(packer.table.fencePace))
  }

  /// The state of the feed changed.
  ///
  /// - Parameter random: names the hub's own lineage, if it must count for itself.
  package mutating func feedChanged(
    to state: FeedState, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    feedState = state
    var actions: [Action] = []
    switch state {
    case .interrupted:
      if packer.table.isUnplaced { forgetUnplaced(&actions) }
      if let closing = packer.feedInterrupted() { actions.append(.publish(closing)) }
      actions += takeEvents()
      refuseFences(&actions)
    case .anchored: break
    case .unanchored:
      if case .began(let closing) = packer.fenceFailed(ownLineage: Lineage(using: &random), now: now) {
        if let closing { actions.append(.publish(closing)) }
        actions.append(.requireSnapshots)
      }
      actions.append(.publishSnapshots)
      refuseFences(&actions)
      armTopics(now)
    }
    actions.append(.publishStatus(feedStatus))
    return actions
  }

  /// Drops the events since the last break of the feed: their places will never be known.
  private mutating func forgetUnplaced(_ actions: inout [Action]) {
    let count = topics.forgetUnplaced()
    if count > 0 { actions.append(.countForgotten(count)) }
  }

  // MARK: The tick

  /// The driver's timer fired: sends everything since the last tick.
  package mutating func tickHit(now: Instant) -> [Action] {
    var actions: [Action] = []
    if let flush = packer.tickHit(now: now) { actions.append(.publish(flush)) }
    if packer.table.standing == .awaitingFence {
      topicDeadline = nil
    } else {
      actions += takeEvents()
    }
    answerQueries(now, &actions)
    return actions
  }

  mutating func takeEvents() -> [Action] {
    topicDeadline = nil
    return topics.isEmpty ? [] : [.publishEvents(topics.takeAll())]
  }

  private mutating func armTopics(_ now: Instant) {
    guard topicDeadline == nil, !topics.isEmpty else { return }
    topicDeadline = packer.nextTick(after: now)
  }
}
