import HubCore
import Primitives
import Reactor
import TLS
import Wire

/// The links of all edges, and the interest of each.
///
/// A message for several edges is encoded once, and the same bytes are queued on every link that may have them.
final class EdgeLinks {
  private var links: [Int: EdgeLinkDriver] = [:]
  private var interest = InterestIndex()
  private var lastNumber = 0
  /// The links that may be without a hello, the oldest first.
  private var beginners = RingBuffer<Int>()

  /// The number of links, including those without a hello.
  var count: Int { links.count }

  /// The link with this number; nil once it has ended.
  subscript(number: Int) -> EdgeLinkDriver? { links[number] }

  /// A number for a new link. Numbers are never reused.
  func takeNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  func add(_ link: EdgeLinkDriver) {
    links[link.number] = link
    beginners.append(link.number)
  }

  /// Takes out the oldest link without a hello, if there are at least as many of them.
  ///
  /// - Parameter welcomedCount: the number of links with a hello.
  func takeOldestBeginner(ifAtLeast count: Int, welcomedCount: Int) -> EdgeLinkDriver? {
    while let number = beginners.first {
      let link = links[number]
      let isBeginner = link.map { $0.node == nil } ?? false
      if isBeginner, links.count - welcomedCount < count { return nil }
      beginners.popFirst()
      if isBeginner { return link }
    }
    return nil
  }

  /// Forgets a link that has ended.
  func remove(_ number: Int) {
    links[number] = nil
    interest.remove(number)
  }

  /// The links of edges whose certificates have been revoked since they were accepted.
  func revoked(by context: TLSContext) -> [EdgeLinkDriver] {
    links.values.filter { $0.isRevoked(by: context) }
  }

  // MARK: Interest

  /// An edge's interest has changed.
  func change(_ interest: Interest, of link: Int) throws(InterestError) {
    try self.interest.apply(interest, of: link)
  }

  /// The number of topics in an edge's interest.
  func topicCount(of link: Int) -> Int { interest.count(of: link) }

  /// The interest of the edges, for the admin API.
  ///
  /// - Parameter linkCount: the number of accepted edges.
  func interestView(linkCount: Int) -> AdminView.Interest {
    AdminView.Interest(interest, linkCount: linkCount)
  }

  // MARK: To several links

  /// Sends scores to every link that may get them, and raw ids to the links that want them.
  func publish(_ flush: ScoreFlush) {
    let stamp = MonotonicClock.wallMicroseconds()
    let scores = EdgeLinkDriver.encoded(flush.scores(hubStampMicroseconds: stamp).map(Message.scores))
    let wantingRaw = interest.edges(of: .raw)
    let raw = wantingRaw.isEmpty ? [] : EdgeLinkDriver.encoded(flush.rawBatches.map(Message.raw))
    if !scores.isEmpty {
      for link in links.values where link.admitsScores { link.queue(scores) }
    }
    for number in wantingRaw {
      guard let link = links[number], flush.rawCount > 0, link.admitsRaw(count: flush.rawCount) else {
        continue
      }
      link.queue(raw)
    }
  }

  /// Sends events of topics to the links that want them, in this order.
  func publish(_ events: [TopicEvent]) {
    for event in events {
      var encoded: [UInt8]?
      interest.forEachEdge(wanting: event.source) { number in
        guard let link = links[number], link.admitsTopicEvent() else { return }
        let bytes = encoded ?? EdgeLinkDriver.encoded([.topicEvent(event)])
        encoded = bytes
        link.queue(bytes)
      }
    }
  }

  /// Tells every welcomed edge whether messages arrive from Redis.
  func publish(_ status: FeedStatus) {
    for link in links.values where link.node != nil { link.send(.feed(status)) }
  }

  /// Tells every welcomed edge the keys of session tickets.
  func publish(_ keys: SharedTicketKeys) {
    for link in links.values { send(keys, to: link) }
  }

  /// Tells one edge the keys of session tickets, if it knows of such.
  func send(_ keys: SharedTicketKeys, to link: EdgeLinkDriver) {
    if link.machine?.takesTicketKeys == true { link.send(.ticketKeys(keys)) }
  }

  /// Requires a snapshot on each link, because further messages would make no sense without one.
  func requireSnapshots() {
    for link in links.values { link.snapshotRequired() }
  }

  /// Sends the totals to every link that needs them and has room. All of them share the bytes.
  func publishSnapshot(of table: ScoreTable) {
    Self.send(table, to: links.values.filter(\.needsSnapshot))
  }

  /// Sends the totals to one link.
  func sendSnapshot(of table: ScoreTable, to link: EdgeLinkDriver) {
    Self.send(table, to: [link])
  }

  private static func send(_ table: ScoreTable, to links: [EdgeLinkDriver]) {
    guard !links.isEmpty else { return }
    let snapshot = table.snapshot()
    guard !snapshot.isEmpty else { return }
    let bytes = EdgeLinkDriver.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }

  /// The hub is shutting down: tells every edge when to reconnect.
  func shutDown(using random: inout some RandomNumberGenerator) {
    for link in links.values {
      link.shutDown(retryAfterMilliseconds: Int.random(in: 0...500, using: &random))
    }
  }
}
