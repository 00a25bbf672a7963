import EdgeCore
import HTTP
import Logging
import Primitives
import Reactor
import Service
import Wire

// Commands from hubs. Each change is logged, and answered with the state after it.
extension LinkDriver {
  /// Performs a command, or refuses it with a reason.
  func hub(_ hub: HubConnection, commanded command: Command) {
    let order = HubOrder(hub: hub.index, id: command.id)
    let instruction: Instruction
    do throws(MalformedText) {
      instruction = try Instruction(command)
    } catch {
      return answer(order, .refused, "\(error)")
    }
    log(command, from: hub)
    switch instruction {
    case .reportNow:
      mailboxes.collect(for: .link)
      answer(order, .done)
    case .drain(let window, let announce):
      perform(
        lifecycle.drainRequested(
          window: window ?? terms.settings.drainWindow, announce: announce ?? terms.settings.drainAnnounce,
          now: loop.now))
      mailboxes.collect(for: .hub(order, .state))
    case .undrain:
      guard let action = lifecycle.undrainRequested() else {
        return answer(order, .failed, "the edge was told to stop, and does")
      }
      perform(action)
      mailboxes.collect(for: .hub(order, .state))
    case .shed(let clients, let window):
      let window = window ?? terms.settings.drainWindow
      mailboxes.collect(for: .hub(order, .shed(clients: clients, window: window)))
    case .close(let match): mailboxes.collect(for: .hub(order, .closed), .closing(match, .dismissed))
    case .listConnections(let offset, let limit):
      mailboxes.collect(for: .hub(order, .connections(offset: offset, limit: limit)), .connections)
    case .setLogLevel(let name): setLogLevel(name, for: order)
    case .reload:
      switch reload(for: "the hub") {
      case .success(let text): answer(order, .done, text)
      case .failure(let refusal): answer(order, .failed, refusal.description)
      }
    }
  }

  /// Commands for reports and connections have the level debug, because hubs repeat them while a page is open.
  private func log(_ command: Command, from hub: HubConnection) {
    let level: Logger.Level =
      switch command.verb {
      case .reportNow, .listConnections: .debug
      default: .notice
      }
    logger.log(
      level: level, "told by the hub: \(command.verb)",
      metadata: ["hub": "\(hub.link.hub?.description ?? "?")", "argument": "\(command.argument)"])
  }

  private func answer(_ order: HubOrder, _ outcome: CommandResult.Outcome, _ text: String = "") {
    hubs[order.hub].send(.commandResult(CommandResult(id: order.id, outcome: outcome, text: text)))
  }

  /// Answers with a JSON object.
  private func answer(
    _ order: HubOrder, _ outcome: CommandResult.Outcome, _ members: (inout JSONWriter) -> Void
  ) {
    var writer = JSONWriter()
    writer.object(members)
    answer(order, outcome, String(decoding: writer.bytes, as: UTF8.self))
  }

  private func setLogLevel(_ name: String, for order: HubOrder) {
    guard let level = Logger.Level.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name.utf8) }) else {
      let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      return answer(order, .refused, "level is '\(name)', and must be one of \(allowed)")
    }
    LogThreshold.shared.level = level
    answer(order, .done, "The edge logs from \(level) on until it restarts or reloads.")
  }

  // MARK: With the state of all workers

  /// All workers have added their parts.
  func collected(_ collection: Collection) {
    switch collection.origin {
    case .link: report(collection)
    case .push: push(collection)
    case .hub(let order, let purpose): finish(order, purpose, collection)
    case .client: break
    }
  }

  private func finish(_ order: HubOrder, _ purpose: HubOrder.Purpose, _ collection: Collection) {
    switch purpose {
    case .state: answerWithState(order, collection)
    case .shed(let clients, let window):
      let sizes = collection.parts.map { Int($0.counters.clients) }
      for (worker, share) in Selection.shares(of: clients, among: sizes).enumerated() {
        mailboxes.workers[worker].post(.shed(share, window: window))
      }
      mailboxes.collect(for: .hub(order, .state))
    case .closed:
      let closed = collection.parts.reduce(0) { $0 + $1.closed }
      answer(order, .done) { $0.member("released", closed) }
    case .connections(let offset, let limit):
      let connections = collection.parts.flatMap(\.connections)
      let page = ConnectionPage(of: connections, offset: offset, limit: limit)
      answer(order, .done, String(decoding: page.json, as: UTF8.self))
    }
  }

  private func answerWithState(_ order: HubOrder, _ collection: Collection) {
    let counters = collection.totals
    let state = lifecycle.isAnnounced ? "announced" : lifecycle.isDraining ? "draining" : "serving"
    answer(order, .done) {
      $0.member("state", state)
      $0.member("clients", counters.clients)
      $0.member("released", counters.releasedOfLate)
      $0.member("remaining", counters.releasing)
    }
  }
}
