import HubCore
import Primitives
import Reactor
import Wire

/// The links of all edges, and what each of them wants.
///
/// What goes to several edges is encoded once, and the same bytes are queued on every link that may have them.
final class EdgeLinks {
  private var links: [Int: EdgeLinkDriver] = [:]
  private var interest = InterestIndex()
  private var lastNumber = 0

  /// How many there are, those among them that have not said which edge they are.
  var count: Int { links.count }

  /// A link by its number; nil once it has ended.
  subscript(number: Int) -> EdgeLinkDriver? { links[number] }

  /// The number for a link that is about to be made. No other link ever has it.
  func takeNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// Takes in a link.
  func add(_ link: EdgeLinkDriver) {
    links[link.number] = link
  }

  /// Forgets a link that has ended.
  func remove(_ number: Int) {
    links[number] = nil
    interest.remove(number)
  }

  // MARK: Interest

  /// An edge wants something else.
  func change(_ interest: Interest, of link: Int) throws(InterestError) {
    try self.interest.apply(interest, of: link)
  }

  /// How many topics an edge wants.
  func topicCount(of link: Int) -> Int { interest.count(of: link) }

  /// Which edges want what, as it is shown.
  ///
  /// - Parameter linkCount: how many edges were let in.
  func interestView(linkCount: Int) -> AdminView.Interest {
    AdminView.Interest(interest, linkCount: linkCount)
  }

  // MARK: To several

  /// Sends scores to every link that may have them, and raw ids to those that want them.
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

  /// Tells every edge that was welcomed whether messages come.
  func publish(_ status: FeedStatus) {
    for link in links.values where link.node != nil { link.send(.feed(status)) }
  }

  /// Nothing that follows makes sense to an edge before a snapshot.
  func requireSnapshots() {
    for link in links.values { link.snapshotRequired() }
  }

  /// Sends the totals to every link that needs them and has room; all of them share the bytes.
  func publishSnapshot(of table: ScoreTable) {
    Self.send(table, to: links.values.filter(\.needsSnapshot))
  }

  /// Sends the totals to one link.
  func sendSnapshot(of table: ScoreTable, to link: EdgeLinkDriver) {
    Self.send(table, to: [link])
  }

  private static func send(_ table: ScoreTable, to links: [EdgeLinkDriver]) {
    let snapshot = table.snapshot()
    guard !links.isEmpty, !snapshot.isEmpty else { return }
    let bytes = EdgeLinkDriver.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }

  /// The hub is shutting down: tells every edge, and when it may come back.
  func shutDown(using random: inout some RandomNumberGenerator) {
    for link in links.values {
      link.shutDown(retryAfterMilliseconds: Int.random(in: 0...500, using: &random))
    }
  }
}
