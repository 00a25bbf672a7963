import Primitives
import Wire

/// The links of all edges: which edge is admitted, what each link is sent, and in which order.
///
/// A message for several edges is encoded once, and the same bytes are queued on every link that may have them.
package final class EdgeLinks<Channel: EdgeChannel> {
  private var links: [Int: Channel] = [:]
  private var interest = InterestIndex()
  private var ticketKeys: TicketKeyRotation
  /// The known edges.
  package private(set) var registry: EdgeRegistry
  private var lastNumber = 0
  /// The links that may be without a hello, the oldest first.
  private var beginners = RingBuffer<Int>()

  /// No links.
  ///
  /// - Parameters:
  ///   - edgesMaximum: how many edges may be linked at a time.
  ///   - random: cryptographically secure: it makes the keys of session tickets.
  package init(edgesMaximum: Int, now: Instant, random: inout some RandomNumberGenerator) {
    registry = EdgeRegistry(linksMaximum: edgesMaximum)
    ticketKeys = TicketKeyRotation(now: now, random: &random)
  }

  /// The number of links, including those without a hello.
  package var count: Int { links.count }

  /// All links, in no order.
  package var all: some Collection<Channel> { links.values }

  /// The link with this number; nil once it has ended.
  package subscript(number: Int) -> Channel? { links[number] }

  /// The number of topics in an edge's interest.
  package func topicCount(of link: Int) -> Int { interest.count(of: link) }

  /// The interest of the edges, for the admin API.
  package var interestView: AdminView.Interest {
    AdminView.Interest(interest, linkCount: registry.linkCount)
  }

  // MARK: The life of a link

  /// A number for a new link. Numbers are never reused.
  package func takeNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// A connection was accepted.
  package func add(_ link: Channel) {
    links[link.number] = link
    beginners.append(link.number)
  }

  /// Takes out the oldest link without a hello, if there are at least as many of them.
  package func takeOldestBeginner(ifAtLeast count: Int) -> Channel? {
    while let number = beginners.first {
      let link = links[number]
      let isBeginner = link.map { $0.node == nil } ?? false
      if isBeginner, links.count - registry.linkCount < count { return nil }
      beginners.popFirst()
      if isBeginner { return link }
    }
    return nil
  }

  /// An edge sent its hello: it is welcomed, unless there are too many. An older link of the same edge ends.
  ///
  /// - Returns: whether it was welcomed.
  package func greeted(
    _ link: Channel, by hello: Hello, from address: String, _ welcome: Welcome, table: ScoreTable,
    status: FeedStatus
  ) -> Bool {
    switch registry.linkEstablished(link.number, by: hello, from: address, now: link.now) {
    case .refused:
      link.displace(.tooManyEdges)
      return false
    case .replaced(let number): links[number]?.displace(.replaced)
    case .admitted: break
    }
    link.send(.welcome(welcome))
    send(table, to: [link])
    link.send(.feed(status))
    send(ticketKeys.message(now: link.now), to: [link])
    return true
  }

  /// A link accepted bytes, so a snapshot that it needs may have room now.
  package func progressed(_ link: Channel, table: ScoreTable) {
    link.machine?.bytesSent(backlog: link.backlog, now: link.now)
    if link.machine?.needsSnapshot == true { send(table, to: [link]) }
    link.armTimer()
  }

  /// A link has ended.
  ///
  /// - Returns: the edge that has no link now; nil if the link was none of an edge, or a newer one has replaced it.
  package func ended(_ link: Channel, because reason: EdgeLinkEnd) -> NodeName? {
    remove(link)
    return registry.linkEnded(link.number, reason, now: link.now)
  }

  /// Forgets a link that ended before its handshake was complete.
  package func remove(_ link: Channel) {
    links[link.number] = nil
    interest.remove(link.number)
  }

  /// A second has passed.
  ///
  /// - Returns: the changes of edges.
  package func secondPassed(
    now: Instant, using random: inout some RandomNumberGenerator
  ) -> [EdgeRegistry.Change] {
    if ticketKeys.rotateIfDue(now: now, random: &random) {
      send(ticketKeys.message(now: now), to: links.values)
    }
    return registry.timerTriggered(now: now)
  }

  /// Stops listing an edge. Returns false if it is connected.
  package func forget(_ node: NodeName) -> Bool { registry.forget(node) }

  // MARK: Messages of an edge

  /// An edge's interest has changed. The link ends if that breaks a limit.
  package func changed(_ interest: Interest, of link: Channel) {
    do throws(InterestError) {
      try self.interest.apply(interest, of: link.number)
    } catch {
      link.refuseInterest(error)
    }
  }

  /// An edge reported.
  package func reported(_ report: Report, by link: Channel, at position: UInt64) {
    guard let node = link.node else { return }
    registry.reportReceived(report, of: node, by: link.number, at: position, now: link.now)
  }

  // MARK: To several links

  /// Sends scores to every link that may get them, and raw ids to the links that want them.
  ///
  /// - Parameter stamp: the time of day in microseconds.
  package func publish(_ flush: ScoreFlush, hubStampMicroseconds stamp: UInt64) {
    let scores = flush.scores(hubStampMicroseconds: stamp).map(Message.scores).encoded
    let wantingRaw = interest.edges(of: .raw)
    let raw = wantingRaw.isEmpty ? [] : flush.rawBatches.map(Message.raw).encoded
    if !scores.isEmpty {
      for link in links.values where link.machine?.admitsScores == true { link.queue(scores) }
    }
    for number in wantingRaw {
      guard let link = links[number], flush.rawCount > 0,
        link.machine?.admitsRaw(count: flush.rawCount) == true
      else { continue }
      link.queue(raw)
    }
  }

  /// Sends events of topics to the links that want them, in this order.
  package func publish(_ events: [TopicEvent]) {
    for event in events {
      var encoded: [UInt8]?
      interest.forEachEdge(wanting: event.source) { number in
        guard let link = links[number], link.machine?.admitsTopicEvent() == true else { return }
        let bytes = encoded ?? [.topicEvent(event)].encoded
        encoded = bytes
        link.queue(bytes)
      }
    }
  }

  /// Sends every welcomed edge whether messages arrive from Redis.
  package func publish(_ status: FeedStatus) {
    for link in links.values where link.node != nil { link.send(.feed(status)) }
  }

  /// Requires a snapshot on each link, because further messages would make no sense without one.
  package func requireSnapshots() {
    for link in links.values { link.machine?.snapshotRequired() }
  }

  /// Sends the totals to every link that needs them and has room. All of them share the bytes.
  package func publishSnapshot(of table: ScoreTable) {
    send(table, to: links.values.filter { $0.machine?.needsSnapshot == true })
  }

  private func send(_ table: ScoreTable, to links: [Channel]) {
    guard !links.isEmpty else { return }
    let snapshot = table.snapshot()
    guard !snapshot.isEmpty else { return }
    let bytes = snapshot.map(Message.snapshot).encoded
    for link in links { link.sendSnapshot(bytes) }
  }

  /// Sends the keys of session tickets to the links that know of such.
  private func send(_ keys: SharedTicketKeys, to links: some Sequence<Channel>) {
    for link in links where link.machine?.takesTicketKeys == true { link.send(.ticketKeys(keys)) }
  }

  // MARK: Answers

  /// Sends an answer to a query, or that there is none if the link has no room for it.
  ///
  /// - Returns: the outcome; nil if the link has ended.
  package func answer(_ asked: AskedQuery, _ messages: [Message]) -> QueryOutcome? {
    guard let link = links[asked.link] else { return nil }
    if link.answer(messages.encoded) { return .answered }
    return refuse(asked, .unavailable)
  }

  /// Sends that a query has no answer.
  ///
  /// - Returns: the outcome; nil if the link has ended.
  package func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) -> QueryOutcome? {
    guard let link = links[asked.link] else { return nil }
    link.refuse(asked.query, outcome)
    return outcome
  }
}
