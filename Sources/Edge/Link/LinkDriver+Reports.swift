import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Wire

// The edge's reports to the hubs.
extension LinkDriver {
  /// All workers have added their parts: sends the report.
  func report(_ collection: Collection) {
    guard !liveHubs.isEmpty else { return }
    let counters = collection.totals
    var report = Report()
    report[.uptimeSeconds] = UInt64(startedAt.duration(to: loop.now).components.seconds)
    report[.workers] = UInt64(configuration.workerCount)
    report[.clientsRaw] = counters.streaming.raw
    report[.clientsEPS] = counters.streaming.eps
    report[.clientsDetails] = counters.streaming.details
    report[.clientsAllDetails] = counters.streaming.allDetails
    report[.clientsAccepted] = counters.accepted
    report[.clientsRefused] = counters.refused
    report[.clientsClosed] = counters.closedInAll
    report[.eventsSent] = counters.delivery.eventsSent
    report[.eventsSummed] = counters.delivery.eventsSummed
    report[.eventsSkipped] = counters.delivery.eventsSkipped
    report[.bytesSent] = counters.bytesSent
    report[.loopLagMaximumMicroseconds] = counters.longestTurnMicroseconds
    report[.memoryBytes] = ProcessResources.residentBytes()
    report[.position] = stream.renderer.mirror.position
    report[.topics] = UInt64(stream.topicCount)
    report[.descriptorsOpen] = counters.descriptorsOpen
    report[.descriptorLimit] = UInt64(configuration.descriptorLimit)
    report[.framesReceived] = hubs.reduce(0) { $0 + $1.health.framesReceived }
    report[.bytesReceived] = hubs.reduce(0) { $0 + $1.health.bytesReceived }
    report[.gapsReceived] = hubs.reduce(0) { $0 + $1.health.gapsReceived }
    addFigures(of: counters, to: &report)
    report[.hubs] = UInt64(hubs.count)
    report[.hubsFresh] = UInt64(hubs.count { $0.health.isFresh })
    report[.isDraining] = lifecycle.isDraining ? 1 : 0
    report[.clientsReleased] = counters.released
    report[.clientsInteraction] = counters.streaming.interaction
    report[.probePosition] = probe.ledger.place?.position ?? 0
    report[.ledgerReceived] = probe.ledger.received
    report[.ledgerMissing] = probe.ledger.missing
    report[.ledgerDoubled] = probe.ledger.doubled
    // Any hub's interval may have asked for the report; all hubs get it.
    for hub in liveHubs { hub.send(.report(report)) }
  }

  /// Adds the figures that show how well the edge copes with its load.
  private func addFigures(of counters: WorkerCounters, to report: inout Report) {
    report[.governorLevel] = counters.governorLevel
    report[.clientsLagging] = counters.laggards
    report[.clientsSecure] = counters.secure.inAll
    report[.clientsMaximum] = counters.clientsMaximum
    report[.handshakes] = counters.handshakes
    report[.handshakesResumed] = counters.handshakesResumed
    report[.handshakesFailed] = counters.handshakesFailed
    report[.processorMilliseconds] = UInt64(max(0, ProcessResources.processorTime().wholeMilliseconds))
    var latency = counters.times.latencyRaw
    latency.add(counters.times.latencyEPS)
    report[.deliveryLatency] = latency
    report[.lag] = counters.delivery.lag
  }
}
