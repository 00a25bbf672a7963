import HubCore
import Primitives
import Reactor
import Wire

// How events go out: encoded once, and the same bytes queued on every link that may have them.
extension HubServer {
  /// Does what the stream decided.
  func perform(_ actions: [HubStream.Action]) {
    for action in actions {
      switch action {
      case .publish(let flush): publish(flush)
      case .publishEvents(let events): publish(events)
      case .requireSnapshots: for link in links.values { link.snapshotRequired() }
      case .announce: feed.announce()
      case .fence: feed.fenceSoon()
      case .publishSnapshots: publishSnapshots()
      case .tell(let status): for link in links.values where link.node != nil { link.send(.feed(status)) }
      case .countForgotten(let count): counters.topicEventsForgotten(count)
      case .listTweets(let topics): feed.listTweets(of: topics)
      case .answer(let asked, let messages): answer(asked, messages)
      case .refuse(let asked, let outcome): refuse(asked, outcome)
      }
    }
  }

  private func publish(_ flush: ScoreFlush) {
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

  private func publish(_ events: [TopicEvent]) {
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

  /// Sends a snapshot to every link that needs one and has room; all of them share its bytes.
  private func publishSnapshots() {
    publishSnapshot(to: links.values.filter(\.needsSnapshot))
  }

  func publishSnapshot(to links: [EdgeLinkDriver]) {
    let snapshot = stream.table.snapshot()
    guard !links.isEmpty, !snapshot.isEmpty else { return }
    let bytes = EdgeLinkDriver.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }
}
