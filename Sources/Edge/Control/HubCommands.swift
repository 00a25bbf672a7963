import EdgeCore
import HTTP
import Logging
import Primitives
import Reactor
import Service
import Wire

/// Performs the hubs' commands. Each change is logged, and answered with the state after it.
final class HubCommands {
  private let configuration: EdgeConfiguration
  private let links: HubLinks
  private let lifecycle: LifecycleDriver
  private let mailboxes: Mailboxes
  private let manager: ServiceManager
  private let logger: Logger

  init(
    _ configuration: EdgeConfiguration, links: HubLinks, lifecycle: LifecycleDriver, mailboxes: Mailboxes,
    manager: ServiceManager, logger: Logger
  ) {
    self.configuration = configuration
    self.links = links
    self.lifecycle = lifecycle
    self.mailboxes = mailboxes
    self.manager = manager
    self.logger = logger
  }

  /// Performs a command, or refuses it with a reason.
  func perform(_ command: Command, from hub: Int) {
    let order = HubOrder(hub: hub, id: command.id)
    let instruction: Instruction
    do throws(MalformedText) {
      instruction = try Instruction(command)
    } catch {
      return links.answer(order, .refused, "\(error)")
    }
    log(command, from: hub)
    perform(instruction, for: order)
  }

  private func perform(_ instruction: Instruction, for order: HubOrder) {
    let settings = configuration.settings
    switch instruction {
    case .reportNow:
      mailboxes.collect(for: .link)
      links.answer(order, .done)
    case .drain(let window, let announce):
      lifecycle.drain(
        window: window ?? settings.drainWindow, announce: announce ?? settings.drainAnnounce)
      mailboxes.collect(for: .hub(order, .state))
    case .undrain:
      guard lifecycle.undrain() else {
        return links.answer(order, .failed, "the edge is stopping")
      }
      mailboxes.collect(for: .hub(order, .state))
    case .shed(let clients, let window):
      mailboxes.collect(
        for: .hub(order, .shed(clients: clients, window: window ?? settings.drainWindow)))
    case .close(let match): mailboxes.collect(for: .hub(order, .closed), .closing(match, .dismissed))
    case .listConnections(let offset, let limit):
      mailboxes.collect(for: .hub(order, .connections(offset: offset, limit: limit)), .connections)
    case .setLogLevel(let name): setLogLevel(name, for: order)
    case .reload:
      switch reload(for: "the hub") {
      case .success(let text): links.answer(order, .done, text)
      case .failure(let refusal): links.answer(order, .failed, refusal.description)
      }
    }
  }

  /// Commands for reports and connections have the level debug, because hubs repeat them while a page is open.
  private func log(_ command: Command, from hub: Int) {
    let level: Logger.Level =
      switch command.verb {
      case .reportNow, .listConnections: .debug
      default: .notice
      }
    logger.log(
      level: level, "command from the hub: \(command.verb)",
      metadata: ["hub": "\(links.name(of: hub))", "argument": "\(command.argument)"])
  }

  private func setLogLevel(_ name: String, for order: HubOrder) {
    guard let level = Logger.Level.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name.utf8) }) else {
      let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      return links.answer(order, .refused, "level is '\(name)', and must be one of \(allowed)")
    }
    LogThreshold.shared.level = level
    links.answer(order, .done, "The edge logs from \(level) on until it restarts or reloads.")
  }

  /// Reads configuration and certificates again. If anything is wrong, no setting changes.
  ///
  /// - Parameter origin: the sender of the request, for the log.
  /// - Returns: what changed, or why nothing did.
  func reload(for origin: String) -> Result<String, ConfigurationError> {
    do throws(ConfigurationError) {
      let changes = try manager.whileReloading { () throws(ConfigurationError) in try configuration.reload() }
      mailboxes.broadcast(.configure(configuration.worker))
      logger.notice("reloaded: \(changes)", metadata: ["for": "\(origin)"])
      return .success(changes)
    } catch {
      logger.error(
        "nothing is reloaded, and the old configuration stays",
        metadata: ["reason": "\(error)", "for": "\(origin)"])
      return .failure(error)
    }
  }

  // MARK: With the state of all workers

  /// All workers have added their parts to the state that a command needs.
  func finish(_ order: HubOrder, _ purpose: HubOrder.Purpose, _ survey: WorkerSurvey) {
    switch purpose {
    case .state: answerWithState(order, survey)
    case .shed(let clients, let window):
      let sizes = survey.parts.map { Int($0.counters.clients) }
      for (worker, share) in Selection.shares(of: clients, among: sizes).enumerated() {
        mailboxes.workers[worker].post(.shed(share, window: window))
      }
      mailboxes.collect(for: .hub(order, .state))
    case .closed:
      let closed = survey.parts.reduce(0) { $0 + $1.closed }
      answer(order) { $0.member("released", closed) }
    case .connections(let offset, let limit):
      let connections = survey.parts.flatMap(\.connections)
      let page = ConnectionPage(of: connections, offset: offset, limit: limit)
      links.answer(order, .done, String(decoding: page.json, as: UTF8.self))
    }
  }

  private func answerWithState(_ order: HubOrder, _ survey: WorkerSurvey) {
    let counters = survey.totals
    let state = lifecycle.isAnnounced ? "announced" : lifecycle.isDraining ? "draining" : "serving"
    answer(order) {
      $0.member("state", state)
      $0.member("clients", counters.clients)
      $0.member("released", counters.releasedOfLate)
      $0.member("remaining", counters.releasing)
    }
  }

  /// Answers with a JSON object that the command is done.
  private func answer(_ order: HubOrder, with members: (inout JSONWriter) -> Void) {
    var writer = JSONWriter()
    writer.object(members)
    links.answer(order, .done, String(decoding: writer.bytes, as: UTF8.self))
  }
}
