import EdgeCore
import HTTP
import Primitives
import Reactor

// The pages. Those that need the state of all workers are answered when the last part has arrived.
extension Worker {
  func serve(_ page: Page, _ form: ResponseForm, to id: ExchangeID) {
    switch page {
    case .health: send(.line(.ok, "OK"), form, to: id)
    case .readiness: send(readiness, form, to: id)
    case .status, .metrics:
      mailboxes.collect(
        for: .client(id, PendingAnswer(.page(page), form), worker: index),
        page == .status ? .connections : .counters)
    }
  }

  private var readiness: Response {
    if health.isDrainAnnounced {
      return .line(.serviceUnavailable, "Draining is announced: send new clients elsewhere.")
    }
    if subscribers.isDraining { return .line(.serviceUnavailable, "The edge is draining.") }
    if configuration.register.isFull {
      return .line(.serviceUnavailable, "The edge is full: clients.maximum is reached.")
    }
    if health.memory?.isShort == true {
      return .line(
        .serviceUnavailable, "Memory is short: no new clients until less than 75 % of the limit is in use.")
    }
    if configuration.register.connectionCount >= configuration.connectionsMaximum {
      return .line(.serviceUnavailable, "The edge is full: connections.maximum is reached.")
    }
    if health.isFresh { return .line(.ok, "OK") }
    return .line(
      .serviceUnavailable,
      health.isCertificateValid
        ? "No hub's scores arrive at present."
        : "The edge's certificate for the link is not valid now; the log says why.")
  }

  /// This worker's share of the edge's state.
  func part(for collection: WorkerSurvey) -> WorkerPart {
    var part = WorkerPart(worker: index)
    switch collection.request {
    case .counters: break
    case .connections: part.connections = subscribers.statuses
    case .closing(let match, let reason): part.closed = release(match, because: reason)
    }
    part.counters = counters
    // The longest turn covers the interval of a report, so a page must not reset it.
    if case .link = collection.origin { longestTurn = .zero }
    return part
  }

  private var counters: WorkerCounters {
    var counters = totals
    deliveries.count(into: &counters)
    counters.refused += subscribers.counters.refused
    counters.released = subscribers.counters.released
    counters.releasedOfLate = subscribers.counters.releasedOfLate
    counters.turns = loop.turns
    counters.rings = isUsingRing ? 1 : 0
    counters.clientsMaximum = UInt64(configuration.clientsMaximum)
    counters.connectionsOpen = UInt64(connections.count)
    counters.connectionsMaximum = UInt64(configuration.connectionsMaximum)
    counters.isFull = configuration.register.isFull
    counters.descriptorsOpen = ProcessResources.openDescriptorCount().map { UInt64($0) }
    counters.releasing = UInt64(subscribers.releasingCount)
    counters.http2 = http2.counters
    counters.connectionsOther =
      UInt64(connections.count) - counters.http1Clients - counters.http2.connectionsWithStreams
    longestTurn = max(longestTurn, loop.takeLongestTurn())
    counters.longestTurnMicroseconds = UInt64(longestTurn.wholeNanoseconds / 1000)
    return counters
  }

  func servePage(from collection: WorkerSurvey) {
    guard case .client(let id, let pending, _) = collection.origin, connections.contains(id.connection) else {
      return
    }
    switch pending.content {
    case .page(.status):
      let status = NodeStatus(
        node: configuration.node, reportedAt: MonotonicClock.wallSeconds(),
        isDraining: health.isDraining, memory: health.memory,
        connections: collection.parts.flatMap(\.connections))
      send(.json(status.json), pending.form, to: id)
    case .page(.metrics):
      let metrics = EdgeMetrics(
        node: configuration.node, uptime: startedAt.duration(to: loop.now), counters: collection.totals,
        link: health)
      send(.metrics(metrics.text), pending.form, to: id)
    case .cleanup:
      let closed = collection.parts.reduce(0) { $0 + $1.closed }
      send(.cleanedUp(closed), pending.form, to: id)
    case .page(.health), .page(.readiness): break
    }
  }
}
