import HubCore
import Primitives
import Wire

// How events come in: what `FeedDriver` and `HubServer+Feed` do.
extension SimulatedHub {
  func feedTimerFired() {
    perform(machine.timerTriggered(now: world.now, using: &world.random))
  }

  func perform(_ actions: [FeedMachine.Action]) {
    for action in actions {
      switch action {
      case .connect: FeedConnection.allCases.forEach(connect)
      case .disconnect:
        for end in redisEnds.values { end.close() }
        redisEnds = [:]
      case .send(let connection, let commands):
        for command in commands { redisEnds[connection]?.send(.command(command)) }
      case .adopt(let totals): adopt(totals)
      case .tell(let list): feedListed(list)
      case .changeState(let state): feedChanged(to: state)
      case .notify(let notice): world.note(name, "\(notice)")
      }
    }
    feedAlarm.set(machine.deadline)
  }

  private func connect(_ connection: FeedConnection) {
    let end: End<RedisCargo> = network.dial(from: name, to: RedisModel.node, window: .max) { [redis] in
      redis.acceptor
    }
    redisEnds[connection] = end
    end.onOpen = { [weak self] in
      guard let self else { return }
      perform(machine.connectionEstablished(connection, now: world.now))
    }
    end.onReceive = { [weak self] cargo in self?.received(cargo, on: connection) }
    end.onClose = { [weak self] reason in
      guard let self else { return }
      perform(machine.connectionClosed(connection, reason: reason, now: world.now, using: &world.random))
    }
  }

  private func received(_ cargo: RedisCargo, on connection: FeedConnection) {
    switch cargo {
    case .command: break
    case .reply(let reply):
      perform(machine.replyReceived(reply, on: connection, now: world.now, using: &world.random))
    case .message(let channel, let payload):
      for message in subscriptionOrder.received(PublishedMessage(channel: channel, payload: payload)) {
        let action = machine.messageReceived(
          channel: message.channel, payload: message.payload, now: world.now)
        switch action {
        case .pass(let message): feedBrought(message)
        case .perform(let actions): perform(actions)
        }
      }
    }
  }

  private func feedBrought(_ message: FeedMessage) {
    switch message {
    case .increment(let id): packer.incremented(id, now: world.now)
    case .topicEvent(let event):
      topics.append(event, at: packer.table.position)
      armTopics()
    case .rejected, .fence: break
    }
    armTick()
  }

  private func armTopics() {
    guard topicDeadline == nil, !topics.isEmpty else { return }
    topicDeadline = packer.nextTick(after: world.now)
  }

  private func adopt(_ totals: FenceTotals) {
    if let pace = feedFenced(totals) {
      machine.fenceJudged(pace, now: world.now)
    } else {
      perform(machine.renewLineage(leaving: totals.lineage, now: world.now, using: &world.random))
    }
  }

  private func feedFenced(_ totals: FenceTotals) -> FencePace? {
    let before = packer.table.lineage
    let wasUnplaced = packer.table.isUnplaced
    let statusBefore = feedStatus
    let positionBefore = packer.table.position
    let adoption = packer.fenced(
      lineage: totals.lineage, totals: totals.totals, unreadable: totals.unreadable, counted: totals.counted,
      now: world.now)
    world.note(name, "fenced at \(packer.table.position) of \(totals.lineage): \(adoption.summary)")
    switch adoption {
    case .confirmed, .undecided, .corrected: break
    case .explained: world.happened(.explainedDrift)
    case .repaired: world.happened(.repair)
    case .began(let closing):
      if before != nil { world.happened(.newLineage) }
      if let closing { publish(closing) }
      if !wasUnplaced { publishTopicEvents() }
      beginLineage()
    case .wentBackwards: return nil
    }
    if wasUnplaced { topics.moved(from: positionBefore, to: packer.table.position) }
    publishSnapshots()
    if feedStatus != statusBefore { tellFeed() }
    armTopics()
    armTick()
    return packer.table.fencePace
  }

  private func feedChanged(to state: FeedState) {
    feedState = state
    world.note(name, "feed \(state)")
    switch state {
    case .interrupted:
      if packer.table.isUnplaced { _ = topics.forgetUnplaced() }
      if let closing = packer.feedInterrupted() { publish(closing) }
      publishTopicEvents()
    case .anchored: break
    case .unanchored: unanchor()
    }
    tellFeed()
    armTick()
  }

  private func tellFeed() {
    for link in links where link.node != nil { link.send(.feed(feedStatus)) }
  }

  private func unanchor() {
    let lineage = Lineage(using: &world.random)
    if case .began(let closing) = packer.fenceFailed(ownLineage: lineage, now: world.now) {
      if let closing { publish(closing) }
      beginLineage()
    }
    publishSnapshots()
    armTopics()
  }

  var feedStatus: FeedStatus {
    switch feedState {
    case .anchored where packer.table.standing == .awaitingFence:
      FeedStatus(state: .interrupted, isAnchored: false)
    case .anchored: FeedStatus(state: .live, isAnchored: true)
    case .unanchored: FeedStatus(state: .live, isAnchored: false)
    case .interrupted, nil: FeedStatus(state: .interrupted, isAnchored: packer.table.standing == .anchored)
    }
  }
}

extension ScoreTable.Adoption {
  fileprivate var summary: String {
    switch self {
    case .confirmed: "confirmed"
    case .undecided: "undecided"
    case .explained: "explained"
    case .repaired(let count): "repaired \(count)"
    case .corrected(let repaired, let overcounted): "corrected by \(repaired), overcounted \(overcounted)"
    case .began: "a lineage begins"
    case .wentBackwards(let ids): "went backwards, \(ids.count) ids"
    }
  }
}
