import Primitives
import Wire

/// Decides what an edge hands to its workers, in which order, and what it asks its hubs. It joins the merge of the
/// hubs, the rendering, the clients' interest, the questions about the past, and the openings of streams.
///
/// Messages from hubs are merged and rendered as they arrive, and handed over at the end of the turn, or at the
/// common pace of several hubs. The order is kept: an opening is handed over only after everything that it takes into
/// account.
///
/// The driver reports each event, performs the returned actions at once, and then sets its timers to ``paceDeadline``
/// and ``openingDeadline``.
package struct EdgeStream: Sendable {
  /// An action of the driver.
  package enum Action: Equatable, Sendable {
    /// Hands everything new to all workers, in order; never empty. If it contains scores, the stamp is the hub's
    /// clock at the oldest flush among them, in microseconds since 1970.
    case update([StreamUpdate], hubStampMicroseconds: UInt64?)
    /// Hands new tweets and raw ids to all workers; the growth of scores keeps its pace.
    case updateEvents([StreamUpdate], hubStampMicroseconds: UInt64?)
    /// The clients' streams begin with these bytes, after the response head.
    case open([OpeningClient], [UInt8])
    /// The clients get their response head, and continue to wait.
    case admit([OpeningClient])
    /// Sends a message to a hub.
    case send(Message, hub: Int)
    /// Sends the clients' interest to a hub, followed by a ping that confirms it.
    case sendInterest([Interest], hub: Int)
    /// Calls ``turnEnded(now:)`` at the end of this turn.
    case endTurn
    /// The edge has left this lineage.
    case leaveLineage(Lineage)
  }

  var merge: HubMerge
  /// The totals, and the rendered updates.
  package internal(set) var renderer = UpdateRenderer()
  var interest: TopicInterest
  /// The clients that wait for their openings.
  var resolver = OpeningResolver()
  var repair = TweetRepair()
  var queries = HubQueries()
  /// The topics of the open repair queries, by the id of the query.
  var repairs: [UInt64: TopicID] = [:]
  var lastRepair: UInt64 = 0
  var pacer: UpdatePacer
  /// The excess that hubs are being asked about; nil if there is none.
  var excess: ExcessConfirmation?
  /// When the first hub sent its welcome; nil if none has.
  private(set) var firstLinkOpenedAt: Instant?
  /// The hub's clock at the oldest flush that waits to be handed over.
  var hubStampMicroseconds: UInt64?
  /// Whether clients are sent what Redis holds at present: one followed hub is fresh.
  package private(set) var isFresh = false

  /// - Parameters:
  ///   - hubCount: the number of hubs, at least one. A hub is identified by its index.
  ///   - interestLinger: how long a topic without clients is still wanted.
  package init(hubCount: Int, interestLinger: Duration) {
    merge = HubMerge(hubCount: hubCount)
    pacer = UpdatePacer(isNeeded: hubCount > 1)
    interest = TopicInterest(linger: interestLinger)
  }

  /// Whether the places in events have a check: ``UpdateRenderer/givesChecks``.
  package var givesChecks: Bool {
    get { renderer.givesChecks }
    set { renderer.givesChecks = newValue }
  }
  /// The lineage that the edge follows; nil before the first snapshot.
  package var lineage: Lineage? { merge.lineage }
  /// The number of topics that the hubs are asked for.
  package var topicCount: Int { interest.count }
  /// The tick interval in the last welcome; zero before the first.
  package var tickInterval: Duration { pacer.interval }
  /// Whether the hub's link is live in the followed lineage.
  package func isFollowed(_ hub: Int) -> Bool { merge.isFollowed(hub) }

  // MARK: Hubs

  /// A hub sent its welcome.
  ///
  /// - Parameters:
  ///   - version: the version of the link's messages.
  ///   - tickInterval: the hub's tick interval.
  package mutating func linkOpened(
    to hub: Int, version: UInt8, tickInterval: Duration, now: Instant
  ) -> [Action] {
    pacer.tickIntervalChanged(to: tickInterval)
    merge.linkOpened(to: hub, version: version, now: now)
    firstLinkOpenedAt = firstLinkOpenedAt ?? now
    return [.sendInterest(interest.linkOpened(), hub: hub)]
  }

  /// A hub has confirmed the whole interest of the edge.
  package mutating func interestConfirmed(by hub: Int) { merge.interestConfirmed(by: hub) }

  /// A live hub sent a message. Messages that are not for clients change nothing.
  package mutating func received(_ message: Message, from hub: Int, now: Instant) -> [Action] {
    var actions: [Action] = []
    switch message {
    case .pastTotals, .order, .tweets, .fenced:
      if let action = queries.answerReceived(message, from: hub) { perform(action, now, &actions) }
    default: change(now, &actions) { $0.received(message, from: hub, now: now) }
    }
    return actions
  }

  /// A hub became fresh, or ceased to be.
  package mutating func freshnessChanged(of hub: Int, to isFresh: Bool, now: Instant) -> [Action] {
    var actions: [Action] = []
    change(now, &actions) { $0.freshnessChanged(of: hub, to: isFresh) }
    updateFreshness(now, &actions)
    return actions
  }

  /// The link to a hub is lost, or could not be established.
  package mutating func linkClosed(to hub: Int, now: Instant) -> [Action] {
    var actions: [Action] = []
    change(now, &actions) { $0.linkClosed(to: hub, now: now) }
    if liveHubs.isEmpty { interest.linkClosed() }
    for action in queries.linkClosed(to: hub) { perform(action, now, &actions) }
    return actions
  }

  /// Performs a change of the merge, and renders the result.
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
    updateFreshness(now, &actions)
  }

  private mutating func updateFreshness(_ now: Instant, _ actions: inout [Action]) {
    guard merge.isFresh != isFresh else { return }
    isFresh.toggle()
    if isFresh { outageEnded(now, &actions) } else { repair.outageBegan(at: renderer.mirror.reached) }
  }

  var liveHubs: [Int] { merge.hubs.indices.filter { merge.hubs[$0].isLive } }

  // MARK: Clients

  /// A client joined a stream that the hubs or the renderer must know of.
  package mutating func clientJoined(_ kind: StreamKind) -> [Action] {
    if let topic = kind.topic { interest.clientJoined(topic) }
    renderer.clientJoined(kind)
    return sendAdded()
  }

  /// A client left such a stream.
  package mutating func clientLeft(_ kind: StreamKind, now: Instant) {
    if let topic = kind.topic { interest.clientLeft(topic, at: now) }
    renderer.clientLeft(kind)
  }

  /// A client that has joined waits for its opening. The hubs learn of its topic by the end of this turn, when they
  /// may be asked.
  package mutating func requested(
    _ client: OpeningClient, _ subscription: Subscription, now: Instant
  ) -> [Action] {
    resolver.requested(client, subscription, now: now)
    return [.endTurn]
  }

  /// A client has left; it may still be waiting for its opening.
  package mutating func withdrawn(_ client: OpeningClient) { resolver.withdrawn(client) }

  mutating func sendAdded() -> [Action] {
    let added = interest.takeAdded()
    guard !added.isEmpty else { return [] }
    merge.interestAdded()
    return liveHubs.map { .sendInterest(added, hub: $0) }
  }
}

extension HubMerge {
  /// Whether one followed hub is fresh.
  fileprivate var isFresh: Bool { hubs.indices.contains { hubs[$0].isFresh && isFollowed($0) } }
}
