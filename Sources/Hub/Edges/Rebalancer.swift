import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Wire

/// Performs the plan of a ``HubCore/Rebalance`` once a second: makes the fullest edges release clients.
final class Rebalancer {
  private let fleet: EdgeFleet
  private let loop: EventLoop
  private let logger: Logger
  private var timer: Deadline?
  /// The plan and its progress.
  private(set) var plan = Rebalance()

  init(_ fleet: EdgeFleet, loop: EventLoop, logger: Logger) {
    self.fleet = fleet
    self.loop = loop
    self.logger = logger
    timer = Deadline(on: loop) { [weak self] in self?.step() }
  }

  /// Starts, changes or stops a rebalance.
  ///
  /// - Parameter rate: the most clients that are released in a second; 0 stops the rebalance.
  func set(rate: Int) -> Response {
    let wasActive = plan.state == .active
    if rate == 0 { plan.end() } else { plan.begin(rate: rate) }
    if !wasActive, plan.state == .active { step() }
    return .json(plan.json)
  }

  /// Performs one second of the plan.
  private func step() {
    guard plan.state == .active, !fleet.isShuttingDown else { return }
    let records = fleet.records.filter { $0.takesClients }
    let loads = records.map { record in
      Rebalance.Load(
        node: record.node, clients: record.clientCount, reportedAt: record.reportedAt ?? record.since)
    }
    for release in plan.timerTriggered(loads, now: loop.now) {
      let command = EdgeCommand(
        node: release.node, verb: .shed,
        argument: "clients=\(release.clients) window=\(Rebalance.step.components.seconds)")
      fleet.send(command) { [logger] response in
        guard response.status != .ok else { return }
        logger.warning("an edge did not release its clients", metadata: ["edge": "\(release.node)"])
      }
    }
    for record in records {
      fleet.send(EdgeCommand(node: record.node, verb: .reportNow, argument: "")) { _ in }
    }
    guard plan.state == .active else {
      logger.notice(
        "the rebalance has ended",
        metadata: ["state": "\(plan.state.rawValue)", "released": "\(plan.released)"])
      return
    }
    // There is only one timer, whatever is started and stopped: with two, twice as many clients would be released.
    timer?.set(loop.now.advanced(by: Rebalance.step))
  }
}
