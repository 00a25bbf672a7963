import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Wire

// What edges are told to do.
extension HubServer {
  /// Whoever waits for the answer of an edge.
  struct EdgeOrder {
    let command: EdgeCommand
    let answer: (Response) -> Void
  }

  /// Tells an edge to do something; the answer follows when the edge has answered, or has not in time.
  func send(_ command: EdgeCommand, _ answer: @escaping (Response) -> Void) {
    guard let number = registry[command.node]?.link, let link = links[number], link.node != nil else {
      return answer(command.absence)
    }
    let id = orders.sent(over: number, ticket: EdgeOrder(command: command, answer: answer), now: loop.now)
    guard let message = Command(id: id, verb: command.verb, argument: command.argument) else {
      preconditionFailure("an argument that is longer than all that the admin API allows")
    }
    link.send(.command(message))
    orderTimer?.set(orders.deadline)
  }

  func edgeLink(_ link: EdgeLinkDriver, finished result: CommandResult) {
    guard let order = orders.answered(result, over: link.number) else {
      logger.debug(
        "an edge answered what nobody waits for",
        metadata: ["edge": "\(link.node?.description ?? "?")", "command": "\(result.id)"])
      return
    }
    orderTimer?.set(orders.deadline)
    if let retry = order.command.retry(after: result) {
      logger.notice(
        "an edge of an older version does not know all that it was told; it is told the rest",
        metadata: [
          "edge": "\(retry.node)", "argument": "\(order.command.argument)", "refused": "\(result.text)",
        ])
      return send(retry, order.answer)
    }
    order.answer(order.command.response(to: result))
  }

  /// Some orders have waited too long.
  func orderTimerFired() {
    for order in orders.timerTriggered(now: loop.now) { order.answer(order.command.timeout) }
    orderTimer?.set(orders.deadline)
  }

  /// Whoever waits for an edge whose link has ended waits in vain.
  func giveUpOrders(of link: Int) {
    for order in orders.linkEnded(link) { order.answer(order.command.interruption) }
    orderTimer?.set(orders.deadline)
  }

  // MARK: Rebalance

  /// Begins, changes or ends the spreading of clients.
  func setRebalance(rate: Int) -> Response {
    let wasActive = rebalance.state == .active
    if rate == 0 { rebalance.end() } else { rebalance.begin(rate: rate) }
    if !wasActive, rebalance.state == .active { rebalanceStep() }
    return .json(rebalance.json)
  }

  /// A second of it.
  func rebalanceStep() {
    guard rebalance.state == .active, !isShuttingDown else { return }
    let records = registry.records.filter { $0.takesClients }
    let loads = records.map { record in
      Rebalance.Load(
        node: record.node, clients: record.clientCount, reportedAt: record.reportedAt ?? record.since)
    }
    for release in rebalance.timerTriggered(loads, now: loop.now) {
      let command = EdgeCommand(
        node: release.node, verb: .shed,
        argument: "clients=\(release.clients) window=\(Rebalance.step.components.seconds)")
      send(command) { [logger] response in
        guard response.status != .ok else { return }
        logger.warning("an edge did not release its clients", metadata: ["edge": "\(release.node)"])
      }
    }
    for record in records {
      send(EdgeCommand(node: record.node, verb: .reportNow, argument: "")) { _ in }
    }
    guard rebalance.state == .active else {
      logger.notice(
        "the clients are no longer being spread",
        metadata: ["state": "\(rebalance.state.rawValue)", "released": "\(rebalance.released)"])
      return
    }
    // One timer, whatever is begun and ended meanwhile: with two, twice as many would be released.
    rebalanceTimer?.set(loop.now.advanced(by: Rebalance.step))
  }
}
