import HubCore
import Primitives
import Wire

// How events are addressed and sent: it does what `EdgeFleet` and `EdgeLinks` do.
extension SimulatedHub {
  func greeted(_ link: HubSideLink, by hello: Hello, _ welcome: Welcome) {
    switch registry.linkEstablished(link.number, by: hello, from: "", now: world.now) {
    case .refused: return link.displace(.tooManyEdges)
    case .replaced(let number): self.link(number)?.displace(.replaced)
    case .admitted: break
    }
    link.send(.welcome(welcome))
    publishSnapshot(to: [link])
    link.send(.feed(stream.feedStatus))
  }

  func changed(_ interest: Interest, of link: HubSideLink) {
    do throws(InterestError) {
      try self.interest.apply(interest, of: link.number)
    } catch {
      world.violated("model", "\(error)")
    }
  }

  func reported(_ report: Report, by link: HubSideLink) {
    guard let node = link.node else { return }
    registry.reportReceived(
      report, of: node, by: link.number, at: stream.table.flushedPosition, now: world.now)
  }

  func ended(_ link: HubSideLink, _ reason: EdgeLinkEnd) {
    links.removeAll { $0 === link }
    interest.remove(link.number)
    if let node = registry.linkEnded(link.number, reason, now: world.now) {
      world.note(name, "the link of \(node) ended: \(reason)")
    }
  }

  // MARK: Publishing

  /// Performs what the stream decided.
  func perform(_ actions: [HubStream.Action]) {
    for action in actions {
      switch action {
      case .publish(let flush): publish(flush)
      case .publishEvents(let events): publish(events)
      case .requireSnapshots: for link in links { link.machine?.snapshotRequired() }
      case .announce: perform(machine.announce(using: &world.random))
      case .fence:
        machine.fenceSoon(now: world.now)
        feedAlarm.set(machine.deadline)
      case .publishSnapshots: publishSnapshot(to: links.filter { $0.machine?.needsSnapshot == true })
      case .publishStatus(let status): for link in links where link.node != nil { link.send(.feed(status)) }
      case .countForgotten: break
      case .listTweets(let topics):
        perform(machine.listTweets(of: topics, now: world.now, using: &world.random))
      case .answer(let asked, let messages): answer(asked, messages)
      case .refuse(let asked, let outcome): refuse(asked, outcome)
      }
    }
  }

  private func publish(_ flush: ScoreFlush) {
    let scores = HubSideLink.encoded(flush.scores(hubStampMicroseconds: 0).map(Message.scores))
    let wantingRaw = interest.edges(of: .raw)
    let raw = wantingRaw.isEmpty ? [] : HubSideLink.encoded(flush.rawBatches.map(Message.raw))
    if !scores.isEmpty {
      for link in links where link.machine?.admitsScores == true { link.queue(scores) }
    }
    for number in wantingRaw {
      guard let link = link(number), flush.rawCount > 0,
        link.machine?.admitsRaw(count: flush.rawCount) == true
      else { continue }
      link.queue(raw)
    }
  }

  private func publish(_ events: [TopicEvent]) {
    for event in events {
      interest.forEachEdge(wanting: event.source) { number in
        guard let link = link(number), link.machine?.admitsTopicEvent() == true else { return }
        link.queue(HubSideLink.encoded([.topicEvent(event)]))
      }
    }
  }

  func publishSnapshot(to links: [HubSideLink]) {
    let snapshot = stream.table.snapshot()
    guard !links.isEmpty, !snapshot.isEmpty else { return }
    let bytes = HubSideLink.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }
}
