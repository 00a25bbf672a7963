import Primitives
public import Wire

/// What a hub sends to its edges, and in which order: joins the scores, the events of topics and the answers to queries.
///
/// Everything goes out on the tick: scores first, then the events of topics, then the answers to what was asked. What stands
/// behind something else in the order of Redis's messages never goes out ahead of it. While a fence is awaited it is not
/// known where events stand, so those that come wait for it.
///
/// The driver tells it what Redis and the edges say, does at once what it returns, and sets its timer to ``deadline``.
public struct HubStream: Sendable {
  /// What the driver does.
  public enum Action: Equatable, Sendable {
    /// Sends scores to all edges that may have them, and raw ids to those that want them.
    case publish(ScoreFlush)
    /// Sends events of topics to those that want them, in this order.
    case publishEvents([TopicEvent])
    /// Another lineage began, or totals fell: nothing makes sense to an edge before a snapshot.
    case requireSnapshots
    /// Has the other hubs of this Redis read the totals again.
    case announce
    /// Reads the totals again, soon.
    case fence
    /// Sends a snapshot of the present totals to every edge that needs one.
    case publishSnapshots
    /// Tells all edges whether messages come.
    case tell(FeedStatus)
    /// Counts events of topics that nobody is told.
    case countForgotten(Int)
    /// Reads the last tweets of these topics, and reports each list: ``listed(_:)``.
    case listTweets([TopicID])
    /// Sends these parts of an answer, all of them at once; if the link has no room for them, the query is unavailable.
    case answer(AskedQuery, [Message])
    /// Says that there is no answer.
    case refuse(AskedQuery, QueryOutcome)
  }

  /// What a fence led to.
  public struct Judgement: Equatable, Sendable {
    /// What it meant for the totals.
    public let adoption: ScoreTable.Adoption
    /// What is sent because of it.
    public let actions: [Action]
    /// What the feed is told: ``FeedMachine/fenceJudged(_:now:using:)``, once the actions are done.
    public let verdict: FenceVerdict
  }

  /// The scores.
  public internal(set) var packer: ScorePacker
  /// Whether messages come from Redis; nil before it is known for the first time.
  public private(set) var feedState: FeedState?
  private var topics = TopicQueue()
  /// The tick at which the events of topics go out; fixed when the first of them comes.
  private var topicDeadline: Instant?
  var queries = QueryQueue()
  /// The tick behind which queries are answered.
  var queryDeadline: Instant?
  /// Who waits for a fence that begins after this moment.
  var fenceAskers: [(asked: AskedQuery, at: Instant)] = []
  /// Who waited for the fence that was made: the tick says so, behind what it found.
  var fencedAskers: [AskedQuery] = []
  /// Who waits for the last tweets of a topic.
  var tweetAskers: [TopicID: [AskedQuery]] = [:]

  /// A stream of which nothing is known.
  public init(_ packer: ScorePacker) {
    self.packer = packer
  }

  /// The totals.
  public var table: ScoreTable { packer.table }

  /// When ``tickHit(now:)`` is due; nil while nothing waits.
  public var deadline: Instant? {
    [packer.deadline, topicDeadline, queryDeadline].compactMap(\.self).min()
  }

  /// What the edges are told of the feed.
  public var feedStatus: FeedStatus {
    switch feedState {
    case .anchored where table.standing == .awaitingFence:
      // They come, but nobody knows yet where they stand.
      FeedStatus(state: .interrupted, isAnchored: false)
    case .anchored: FeedStatus(state: .live, isAnchored: true)
    case .unanchored: FeedStatus(state: .live, isAnchored: false)
    case .interrupted, nil: FeedStatus(state: .interrupted, isAnchored: table.standing == .anchored)
    }
  }

  // MARK: What comes from Redis

  /// A message came, in Redis's own order.
  public mutating func brought(_ message: FeedMessage, now: Instant) -> [Action] {
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
  public mutating func fenced(_ totals: FenceTotals, now: Instant) -> Judgement {
    let wasUnplaced = packer.table.isUnplaced
    let hadLineage = packer.table.lineage != nil
    let statusBefore = feedStatus
    let positionBefore = packer.table.position
    let adoption = packer.fenced(
      lineage: totals.lineage, totals: totals.totals, unreadable: totals.unreadable, counted: totals.counted,
      now: now)
    var actions: [Action] = []
    switch adoption {
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
      return Judgement(adoption: adoption, actions: [], verdict: .renameLineage(totals.lineage))
    }
    // What was missed, or lost, lies before the events that came while that was found out.
    if wasUnplaced { topics.moved(from: positionBefore, to: packer.table.position) }
    actions.append(.publishSnapshots)
    if feedStatus.state != statusBefore.state { actions.append(.tell(feedStatus)) }
    fenceEnded(begunAt: totals.begunAt, now)
    armTopics(now)
    return Judgement(adoption: adoption, actions: actions, verdict: .next(packer.table.fencePace))
  }

  /// Messages come from Redis, or do not.
  ///
  /// - Parameter random: names the hub's own lineage, where it must count for itself.
  public mutating func feedChanged(
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
    actions.append(.tell(feedStatus))
    return actions
  }

  /// Of the events that came since the feed broke last, nobody will know where they stood.
  private mutating func forgetUnplaced(_ actions: inout [Action]) {
    let count = topics.forgetUnplaced()
    if count > 0 { actions.append(.countForgotten(count)) }
  }

  // MARK: The tick

  /// The driver's timer went off: what has come since the last tick goes out.
  public mutating func tickHit(now: Instant) -> [Action] {
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
