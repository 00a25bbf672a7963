import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Wire

/// Does once a second what a ``HubCore/Rebalance`` plans: has the fullest edges release clients.
final class Rebalancer {
  private let fleet: EdgeFleet
  private let loop: EventLoop
  private let logger: Logger
  private var timer: Deadline?
  /// How it is going.
  private(set) var plan = Rebalance()

  init(_ fleet: EdgeFleet, loop: EventLoop, logger: Logger) {
    self.fleet = fleet
    self.loop = loop
    self.logger = logger
    timer = Deadline(on: loop) { [weak self] in self?.step() }
  }

  /// Begins, changes or ends the spreading of clients.
  ///
  /// - Parameter rate: how many clients are released in a second at most; 0 ends it.
  func set(rate: Int) -> Response {
    let wasActive = plan.state == .active
    if rate == 0 { plan.end() } else { plan.begin(rate: rate) }
    if !wasActive, plan.state == .active { step() }
    return .json(plan.json)
  }

  /// A second of it.
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
        "the clients are no longer being spread",
        metadata: ["state": "\(plan.state.rawValue)", "released": "\(plan.released)"])
      return
    }
    // One timer, whatever is begun and ended meanwhile: with two, twice as many would be released.
    timer?.set(loop.now.advanced(by: Rebalance.step))
  }
}
