import HubCore
import Primitives
import Wire

// Who the events go to, and how they go out: what `HubServer+Edges` and `HubServer+Publishing` do.
extension SimulatedHub {
  func greeted(_ link: HubSideLink, by hello: Hello, _ welcome: Welcome) {
    switch registry.linkEstablished(link.number, by: hello, from: "", now: world.now) {
    case .refused: return link.displace(.tooManyEdges)
    case .replaced(let number): self.link(number)?.displace(.replaced)
    case .admitted: break
    }
    link.send(.welcome(welcome))
    publishSnapshot(to: [link])
    link.send(.feed(feedStatus))
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
      report, of: node, by: link.number, at: packer.table.flushedPosition, now: world.now)
  }

  func ended(_ link: HubSideLink, _ reason: EdgeLinkEnd) {
    links.removeAll { $0 === link }
    interest.remove(link.number)
    if let record = registry.records.first(where: { $0.link == link.number }) {
      registry.linkEnded(link.number, of: record.node, reason, now: world.now)
      world.note(name, "the link of \(record.node) ended: \(reason)")
    }
  }

  // MARK: Publishing

  func publish(_ flush: ScoreFlush) {
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

  func publishTopicEvents() {
    topicDeadline = nil
    for event in topics.takeAll() {
      interest.forEachEdge(wanting: event.source) { number in
        guard let link = link(number), link.machine?.admitsTopicEvent() == true else { return }
        link.queue(HubSideLink.encoded([.topicEvent(event)]))
      }
    }
  }

  func beginLineage() {
    for link in links { link.machine?.lineageBegan() }
  }

  func publishSnapshots() {
    publishSnapshot(to: links.filter { $0.machine?.needsSnapshot == true })
  }

  func publishSnapshot(to links: [HubSideLink]) {
    let snapshot = packer.table.snapshot()
    guard !links.isEmpty, !snapshot.isEmpty else { return }
    let bytes = HubSideLink.encoded(snapshot.map(Message.snapshot))
    for link in links { link.sendSnapshot(bytes) }
  }
}
