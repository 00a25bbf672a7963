import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Wire

/// Commands to edges, and the callers that wait for their answers.
final class EdgeCommands {
  /// A command, and the receiver of its answer.
  struct Order {
    let command: EdgeCommand
    /// Takes the result.
    let answer: (Response) -> Void
  }

  private let loop: EventLoop
  private let logger: Logger
  private var pending = PendingCommands<Order>()
  private var timer: Deadline?

  init(loop: EventLoop, logger: Logger) {
    self.loop = loop
    self.logger = logger
    timer = Deadline(on: loop) { [weak self] in self?.timerFired() }
  }

  func send(_ order: Order, over link: EdgeLinkDriver) {
    let command = order.command
    let id = pending.sent(over: link.number, ticket: order, now: loop.now)
    guard let message = Command(id: id, verb: command.verb, argument: command.argument) else {
      preconditionFailure("an argument that is longer than all that the admin API allows")
    }
    link.send(.command(message))
    timer?.set(pending.deadline)
  }

  /// An edge answered.
  ///
  /// - Returns: the command to send instead, if the edge is older and did not know all keys; nil if the command is
  ///   done.
  func answered(_ result: CommandResult, by link: EdgeLinkDriver) -> Order? {
    guard let order = pending.answered(result, over: link.number) else {
      logger.debug(
        "an edge sent an answer that no request waits for",
        metadata: ["edge": "\(link.node?.description ?? "?")", "command": "\(result.id)"])
      return nil
    }
    timer?.set(pending.deadline)
    if let retry = order.command.retry(after: result) {
      logger.notice(
        "an edge of an older version does not know a part of the command; the rest is sent again",
        metadata: [
          "edge": "\(retry.node)", "argument": "\(order.command.argument)", "refused": "\(result.text)",
        ])
      return Order(command: retry, answer: order.answer)
    }
    order.answer(order.command.response(to: result))
    return nil
  }

  /// A link has ended, so its edge will not answer.
  func linkEnded(_ link: Int) {
    for order in pending.linkEnded(link) { order.answer(order.command.interruption) }
    timer?.set(pending.deadline)
  }

  /// Some answers are overdue.
  private func timerFired() {
    for order in pending.timerTriggered(now: loop.now) { order.answer(order.command.timeout) }
    timer?.set(pending.deadline)
  }
}
