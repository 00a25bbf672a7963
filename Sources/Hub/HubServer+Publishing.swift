import HubCore
import Primitives
import Reactor
import Wire

// How events go out: encoded once, and the same bytes queued on every link that may have them.
extension HubServer {
  /// The tick: what has come since the last one goes out.
  func publishTick() {
    if let flush = packer.tickHit(now: loop.now) { publish(flush) }
    // While a fence is awaited it is not known where the events stand.
    if packer.table.standing == .awaitingFence { topicDeadline = nil } else { publishTopicEvents() }
    answerQueries()
  }

  /// Has the events of topics that wait go out with the next tick.
  func armTopics() {
    guard topicDeadline == nil, !topics.isEmpty else { return }
    topicDeadline = packer.nextTick(after: loop.now)
  }

  func publish(_ flush: ScoreFlush) {
    counters.flushed()
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

  func publishTopicEvents() {
    topicDeadline = nil
    for event in topics.takeAll() {
      var encoded: [UInt8]?
      interest.forEachEdge(wanting: event.source) { number in
        guard let link = links[number], link.admitsTopicEvent() else { return }
        let bytes = encoded ?? EdgeLinkDriver.encoded([.topicEvent(event)])
        encoded = bytes
        link.queue(bytes)
      }
    }
  }

  /// A lineage began: nothing makes sense to an edge before the snapshot of it.
  func beginLineage() {
    for link in links.values { link.lineageBegan() }
  }

  /// Sends a snapshot to every link that needs one and has room; all of them share its bytes.
  func publishSnapshots() {
    publishSnapshot(to: links.values.filter(\.needsSnapshot))
  }

  func publishSnapshot(to links: [EdgeLinkDriver]) {
    let snapshot = packer.table.snapshot()
    guard !links.isEmpty, !snapshot.isEmpty else { return }
    let bytes = EdgeLinkDriver.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }
}
