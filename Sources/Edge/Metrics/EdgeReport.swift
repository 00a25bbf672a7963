import EdgeCore
import Primitives
import Reactor
import Wire

/// The figures that the edge reports to its hubs.
///
/// A plain number of the workers names its field in ``WorkerCounters/figures``. Here is the rest.
struct EdgeReport {
  let uptime: Duration
  let workerCount: Int
  let descriptorLimit: Int
  let counters: WorkerCounters
  let link: LinkHealth

  var message: Report {
    var report = Report()
    report[.uptimeSeconds] = UInt64(uptime.components.seconds)
    report[.workers] = UInt64(workerCount)
    report[.descriptorLimit] = UInt64(descriptorLimit)
    report[.memoryBytes] = ProcessResources.residentBytes()
    report[.processorMilliseconds] = UInt64(max(0, ProcessResources.processorTime().wholeMilliseconds))
    addWorkers(to: &report)
    addLinks(to: &report)
    return report
  }

  private func addWorkers(to report: inout Report) {
    for figure in WorkerCounters.figures {
      if let field = figure.field { report[field] = counters[keyPath: figure.path] }
    }
    report[.clientsRaw] = counters.streaming.raw
    report[.clientsEPS] = counters.streaming.eps
    report[.clientsDetails] = counters.streaming.details
    report[.clientsAllDetails] = counters.streaming.allDetails
    report[.clientsInteraction] = counters.streaming.interaction
    report[.clientsSecure] = counters.secure.inAll
    report[.clientsClosed] = counters.closedInAll
    report[.eventsSent] = counters.delivery.eventsSent
    report[.eventsSummed] = counters.delivery.eventsSummed
    report[.eventsSkipped] = counters.delivery.eventsSkipped
    report[.descriptorsOpen] = counters.descriptorsOpen
    var latency = counters.times.latencyRaw
    latency.add(counters.times.latencyEPS)
    report[.deliveryLatency] = latency
    report[.lag] = counters.delivery.lag
  }

  private func addLinks(to report: inout Report) {
    report[.position] = link.position
    report[.topics] = UInt64(link.topics)
    report[.framesReceived] = link.hubs.reduce(0) { $0 + $1.framesReceived }
    report[.bytesReceived] = link.hubs.reduce(0) { $0 + $1.bytesReceived }
    report[.gapsReceived] = link.hubs.reduce(0) { $0 + $1.gapsReceived }
    report[.hubs] = UInt64(link.hubs.count)
    report[.hubsFresh] = UInt64(link.hubs.count { $0.isFresh })
    report[.isDraining] = link.isDraining ? 1 : 0
    report[.probePosition] = link.ledger.place?.position ?? 0
    report[.ledgerReceived] = link.ledger.received
    report[.ledgerMissing] = link.ledger.missing
    report[.ledgerDoubled] = link.ledger.doubled
  }
}
