import EdgeCore
import HTTP
import Primitives
import Reactor

// The pages: what needs the state of all workers is gathered first, and answered when the last part is in.
extension Worker {
  func serve(_ page: Page, _ form: ResponseForm, to slot: Int32) {
    switch page {
    case .health: send(.line(.ok, "OK"), form, to: slot)
    case .readiness: send(readiness, form, to: slot)
    case .status, .metrics:
      guard let client = table.id(at: slot) else { return }
      table[slot].awaits = PendingPage(content: .page(page), form: form)
      mailboxes.collect(
        for: .client(client, worker: index),
        page == .status ? .connections : .counters)
    }
  }

  private var readiness: Response {
    if health.isDrainAnnounced {
      return .line(.serviceUnavailable, "Draining is announced: send new clients elsewhere.")
    }
    if isDraining { return .line(.serviceUnavailable, "The edge is draining.") }
    if configuration.register.isFull {
      return .line(.serviceUnavailable, "The edge is full: clients.maximum is reached.")
    }
    if health.isFresh { return .line(.ok, "OK") }
    return .line(
      .serviceUnavailable,
      health.isCertificateValid
        ? "The hub's scores do not arrive at present."
        : "The edge's certificate for the link is not valid now; the log says why.")
  }

  /// This worker's share of the edge's state.
  func part(for collection: Collection) -> WorkerPart {
    var part = WorkerPart(worker: index)
    switch collection.request {
    case .counters: break
    case .connections: part.connections = connections
    case .closing(let match, let reason): part.closed = release(match, because: reason)
    }
    part.counters = counters
    // The longest turn is told over the interval of a report: a page must not shorten it.
    if case .link = collection.origin { longestTurn = .zero }
    return part
  }

  private var counters: WorkerCounters {
    var counters = totals
    plain.count(into: &counters, clients: \.plain)
    secure.count(into: &counters, clients: \.secure)
    counters.turns = loop.turns
    counters.clientsMaximum = UInt64(configuration.clientsMaximum)
    counters.isFull = configuration.register.isFull
    counters.descriptorsOpen = ProcessResources.openDescriptorCount().map { UInt64($0) }
    counters.releasing = UInt64(ongoingRelease?.clients.count ?? 0)
    counters.connectionsOther = UInt64(table.count) - counters.clients
    longestTurn = max(longestTurn, loop.takeLongestTurn())
    counters.longestTurnMicroseconds = UInt64(longestTurn.wholeNanoseconds / 1000)
    return counters
  }

  private var connections: [ConnectionStatus] {
    table.streamingClients.compactMap { table[$0.slot].status }
  }

  func servePage(from collection: Collection) {
    guard case .client(let client, _) = collection.origin, table.contains(client),
      let pending = table[client.slot].awaits
    else { return }
    let slot = client.slot
    table[slot].awaits = nil
    switch pending.content {
    case .page(.status):
      let status = NodeStatus(
        node: configuration.node, reportedAt: MonotonicClock.wallSeconds(),
        isDraining: health.isDraining, connections: collection.parts.flatMap(\.connections))
      send(.json(status.json), pending.form, to: slot)
    case .page(.metrics):
      let metrics = EdgeMetrics(
        node: configuration.node, uptime: startedAt.duration(to: loop.now), counters: collection.totals,
        link: health)
      send(.metrics(metrics.text), pending.form, to: slot)
    case .cleanup:
      let closed = collection.parts.reduce(0) { $0 + $1.closed }
      send(.cleanedUp(closed), pending.form, to: slot)
    case .page(.health), .page(.readiness): break
    }
  }
}
