import HubCore
import Primitives
import Wire

// How messages arrive: it drives the `FeedMachine` as `FeedDriver` does.
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
      case .reconcile(let totals): fenced(totals)
      case .report(let list): perform(stream.listed(list))
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
      switch machine.messageReceived(channel: channel, payload: payload, now: world.now) {
      case .pass(let message):
        perform(stream.brought(message, now: world.now))
      case .perform(let actions): perform(actions)
      }
    }
  }

  private func fenceJudged(_ verdict: FenceVerdict) {
    perform(machine.fenceJudged(verdict, now: world.now, using: &world.random))
  }

  private func fenced(_ totals: FenceTotals) {
    let hadLineage = stream.table.lineage != nil
    let judgement = stream.fenced(totals, now: world.now)
    world.note(
      name, "fenced at \(stream.table.position) of \(totals.lineage): \(judgement.reconciliation.summary)")
    switch judgement.reconciliation {
    case .explained: world.happened(.explainedDrift)
    case .repaired: world.happened(.repair)
    case .began where hadLineage: world.happened(.newLineage)
    default: break
    }
    perform(judgement.actions)
    fenceJudged(judgement.verdict)
  }

  private func feedChanged(to state: FeedState) {
    world.note(name, "feed \(state)")
    perform(stream.feedChanged(to: state, now: world.now, using: &world.random))
  }
}

extension ScoreTable.Reconciliation {
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
