public import Primitives
public import Wire

/// What an edge hands to its workers, and in which order, and what it asks its hubs: joins the merge of the hubs, the
/// rendering, the interest of the clients, the questions about the past, and the openings of streams.
///
/// What hubs send is merged and rendered as it comes, and handed over at the end of the turn, or when several hubs have
/// their common pace. Nothing is told out of order: before an opening is handed over all is that it takes into account.
///
/// The driver tells it what happens, does at once what it returns, and then sets its timers to ``paceDeadline`` and
/// ``openingDeadline``.
public struct EdgeStream: Sendable {
  /// What the driver does.
  public enum Action: Equatable, Sendable {
    /// Hands all that is new to all workers, in order; never nothing. Scores among it wait since a hub's clock said this
    /// (microseconds since 1970), if any do.
    case update([StreamUpdate], hubStampMicroseconds: UInt64?)
    /// Hands what is new of tweets and raw ids to all workers; the growth of scores keeps its pace.
    case updateEvents([StreamUpdate], hubStampMicroseconds: UInt64?)
    /// Clients' streams begin with these bytes, behind the head.
    case open([OpeningClient], [UInt8])
    /// Clients get the head of their response, and wait on.
    case admit([OpeningClient])
    /// Sends a hub this.
    case send(Message, hub: Int)
    /// Tells a hub of the clients' interest, and asks it to say when it knows.
    case tell([Interest], hub: Int)
    /// Has ``turnEnded(now:)`` called at the end of this turn.
    case endTurn
    /// Another lineage is followed than this one.
    case leaveLineage(Lineage)
  }

  var merge: HubMerge
  /// The totals, and what is rendered of all that came.
  public internal(set) var renderer = UpdateRenderer()
  var interest: InterestLedger
  /// Where clients wait for the first bytes of their streams.
  var desk = OpeningDesk()
  var repair = TweetRepair()
  var queries = HubQueries()
  /// The topics whose tweets are asked for to repair them, by the id of the query.
  var repairs: [UInt64: TopicID] = [:]
  var lastRepair: UInt64 = 0
  var pacer: UpdatePacer
  /// What clients were told and no hub holds, while hubs are asked about it; nil if there is nothing of that kind.
  var excess: ExcessProbation?
  /// What a hub's clock said when it flushed the oldest scores that wait to be handed over.
  var hubStampMicroseconds: UInt64?
  /// Whether what clients are sent is what Redis holds at present: one hub is fresh, and followed.
  public private(set) var isFresh = false

  /// - Parameters:
  ///   - hubCount: how many hubs there are, at least one. They are named by their places from 0 on.
  ///   - interestLinger: for how long a topic without clients is still wanted.
  public init(hubCount: Int, interestLinger: Duration) {
    merge = HubMerge(hubCount: hubCount)
    pacer = UpdatePacer(isNeeded: hubCount > 1)
    interest = InterestLedger(linger: interestLinger)
  }

  /// The lineage that is followed; nil before the first snapshot.
  public var lineage: Lineage? { merge.lineage }
  /// How many topics the hubs are asked for.
  public var topicCount: Int { interest.count }
  /// How far apart the hubs' flushes are, as the last that welcomed us said; zero before any did.
  public var tickInterval: Duration { pacer.interval }
  /// Whether a hub is up in the lineage that is followed.
  public func isFollowed(_ hub: Int) -> Bool { merge.isFollowed(hub) }

  // MARK: Hubs

  /// A hub welcomed us.
  ///
  /// - Parameters:
  ///   - version: that of the link's messages.
  ///   - tickInterval: how far apart its flushes are.
  public mutating func linkOpened(
    to hub: Int, version: UInt8, tickInterval: Duration, now: Instant
  ) -> [Action] {
    pacer.tickIntervalChanged(to: tickInterval)
    merge.linkOpened(to: hub, version: version, now: now)
    return [.tell(interest.linkOpened(), hub: hub)]
  }

  /// A hub has taken in all that the clients are interested in.
  public mutating func interestConfirmed(by hub: Int) { merge.interestConfirmed(by: hub) }

  /// A hub that has welcomed us sent something. What is not for clients changes nothing.
  public mutating func received(_ message: Message, from hub: Int, now: Instant) -> [Action] {
    var actions: [Action] = []
    switch message {
    case .pastTotals, .order, .tweets, .fenced:
      if let action = queries.answerReceived(message, from: hub) { perform(action, now, &actions) }
    default: change(now, &actions) { $0.received(message, from: hub, now: now) }
    }
    return actions
  }

  /// Whether a hub's scores are those of Redis at present has changed.
  public mutating func freshnessChanged(of hub: Int, to isFresh: Bool, now: Instant) -> [Action] {
    var actions: [Action] = []
    change(now, &actions) { $0.freshnessChanged(of: hub, to: isFresh) }
    lookAtFreshness(now, &actions)
    return actions
  }

  /// The link to a hub is gone, or never came up.
  public mutating func linkClosed(to hub: Int, now: Instant) -> [Action] {
    var actions: [Action] = []
    change(now, &actions) { $0.linkClosed(to: hub, now: now) }
    if liveHubs.isEmpty { interest.linkClosed() }
    for action in queries.linkClosed(to: hub) { perform(action, now, &actions) }
    return actions
  }

  /// Changes what is merged, and renders what comes out of that.
  mutating func change(
    _ now: Instant, _ actions: inout [Action], _ body: (inout HubMerge) -> Void
  ) {
    let before = lineage
    body(&merge)
    renderMerged(&actions)
    lookForExcess(now)
    actions.append(.endTurn)
    guard lineage != before else { return }
    if let before { actions.append(.leaveLineage(before)) }
    lookAtFreshness(now, &actions)
  }

  private mutating func lookAtFreshness(_ now: Instant, _ actions: inout [Action]) {
    guard merge.isFresh != isFresh else { return }
    isFresh.toggle()
    if isFresh { outageEnded(now, &actions) } else { repair.outageBegan(at: renderer.mirror.reached) }
  }

  var liveHubs: [Int] { merge.hubs.indices.filter { merge.hubs[$0].isLive } }

  // MARK: Clients

  /// A client came to a stream of which the hubs, or the rendering, must know.
  public mutating func clientJoined(_ kind: StreamKind) -> [Action] {
    if let topic = kind.topic { interest.clientJoined(topic) }
    renderer.clientJoined(kind)
    return tellAdded()
  }

  /// A client left such a stream.
  public mutating func clientLeft(_ kind: StreamKind, now: Instant) {
    if let topic = kind.topic { interest.clientLeft(topic, at: now) }
    renderer.clientLeft(kind)
  }

  /// A client that has joined waits for the first bytes of its stream. What it joins is known to the hubs by the end of this
  /// turn, when they may be asked.
  public mutating func requested(
    _ client: OpeningClient, _ subscription: Subscription, now: Instant
  ) -> [Action] {
    desk.requested(client, subscription, now: now)
    return [.endTurn]
  }

  /// A client has left that may still wait for the first bytes of its stream.
  public mutating func withdrawn(_ client: OpeningClient) { desk.withdrawn(client) }

  private mutating func tellAdded() -> [Action] {
    let added = interest.takeAdded()
    guard !added.isEmpty else { return [] }
    merge.interestAdded()
    return liveHubs.map { .tell(added, hub: $0) }
  }
}

extension HubMerge {
  /// Whether one hub is fresh, and followed.
  fileprivate var isFresh: Bool { hubs.indices.contains { hubs[$0].isFresh && isFollowed($0) } }
}
