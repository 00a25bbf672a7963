import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Telemetry
import Transport
import Wire

/// Reports the edge's state: its health to the workers, its figures to the hubs, and its metrics to the receivers of
/// pushes, for deployments that do not scrape them.
final class EdgeReporter {
  private let configuration: EdgeConfiguration
  private let links: HubLinks
  private let lifecycle: LifecycleDriver
  private let probe: Probe
  private let mailboxes: Mailboxes
  private let loop: EventLoop
  private let startedAt: Instant
  private var staleSince: Instant?
  private var pusher: MetricsPusher?

  init(
    _ configuration: EdgeConfiguration, links: HubLinks, lifecycle: LifecycleDriver, probe: Probe,
    mailboxes: Mailboxes, loop: EventLoop
  ) {
    self.configuration = configuration
    self.links = links
    self.lifecycle = lifecycle
    self.probe = probe
    self.mailboxes = mailboxes
    self.loop = loop
    startedAt = loop.now
  }

  private var uptime: Duration { startedAt.duration(to: loop.now) }

  // MARK: Health

  /// Sends the present health to the workers, for readiness and metrics.
  func sendHealth() {
    staleSince = links.isFresh ? nil : staleSince ?? links.freshUntil ?? loop.now
    mailboxes.broadcast(.linkHealth(health))
  }

  /// The state of the links and of this thread.
  private var health: LinkHealth {
    var health = links.health
    health.staleSince = staleSince
    health.turns = loop.turns
    health.ledger = probe.ledger
    health.isDraining = lifecycle.isDraining
    health.isDrainAnnounced = lifecycle.isAnnounced
    health.certificateEnds = configuration.certificateEnds
    health.isCertificateValid = configuration.isLinkCertificateValid(
      at: MonotonicClock.wallSeconds())
    return health
  }

  // MARK: Pushes

  /// Starts to push metrics, if the settings name a receiver.
  func startPushing(on network: Network, logger: Logger) throws {
    let origin = MetricsOrigin(
      service: "emojitrack-edge", node: configuration.node.description, version: ServiceVersion.current,
      startedAtMicroseconds: MonotonicClock.wallMicroseconds())
    pusher = try MetricsPusher(configuration.settings.pushTargets, origin, on: network) {
      logger.pushChanged($0, $1)
    }
    pusher?.start { [mailboxes] in mailboxes.collect(for: .push) }
  }

  /// All workers have added their parts: pushes the metrics.
  func push(_ survey: WorkerSurvey) {
    let metrics = EdgeMetrics(
      node: configuration.node.description, uptime: uptime, counters: survey.totals, link: health)
    pusher?.push(metrics.text)
  }

  // MARK: Reports

  /// All workers have added their parts: sends the report to the hubs.
  func report(_ survey: WorkerSurvey) {
    guard links.isLive else { return }
    var report = Report()
    addWorkers(survey.totals, to: &report)
    addLinks(health, to: &report)
    report[.uptimeSeconds] = UInt64(uptime.components.seconds)
    report[.workers] = UInt64(configuration.settings.workers)
    report[.descriptorLimit] = UInt64(configuration.descriptorLimit)
    report[.memoryBytes] = ProcessResources.residentBytes()
    report[.processorMilliseconds] = UInt64(max(0, ProcessResources.processorTime().wholeMilliseconds))
    links.send(report)
  }

  private func addWorkers(_ counters: WorkerCounters, to report: inout Report) {
    report[.clientsRaw] = counters.streaming.raw
    report[.clientsEPS] = counters.streaming.eps
    report[.clientsDetails] = counters.streaming.details
    report[.clientsAllDetails] = counters.streaming.allDetails
    report[.clientsInteraction] = counters.streaming.interaction
    report[.clientsSecure] = counters.secure.inAll
    report[.clientsMaximum] = counters.clientsMaximum
    report[.clientsAccepted] = counters.accepted
    report[.clientsRefused] = counters.refused
    report[.clientsReleased] = counters.released
    report[.clientsClosed] = counters.closedInAll
    report[.clientsLagging] = counters.laggards
    report[.handshakes] = counters.handshakes
    report[.handshakesResumed] = counters.handshakesResumed
    report[.handshakesFailed] = counters.handshakesFailed
    report[.eventsSent] = counters.delivery.eventsSent
    report[.eventsSummed] = counters.delivery.eventsSummed
    report[.eventsSkipped] = counters.delivery.eventsSkipped
    report[.bytesSent] = counters.bytesSent
    report[.governorLevel] = counters.governorLevel
    report[.loopLagMaximumMicroseconds] = counters.longestTurnMicroseconds
    report[.descriptorsOpen] = counters.descriptorsOpen
    var latency = counters.times.latencyRaw
    latency.add(counters.times.latencyEPS)
    report[.deliveryLatency] = latency
    report[.lag] = counters.delivery.lag
  }

  private func addLinks(_ health: LinkHealth, to report: inout Report) {
    report[.position] = health.position
    report[.topics] = UInt64(health.topics)
    report[.framesReceived] = health.hubs.reduce(0) { $0 + $1.framesReceived }
    report[.bytesReceived] = health.hubs.reduce(0) { $0 + $1.bytesReceived }
    report[.gapsReceived] = health.hubs.reduce(0) { $0 + $1.gapsReceived }
    report[.hubs] = UInt64(health.hubs.count)
    report[.hubsFresh] = UInt64(health.hubs.count { $0.isFresh })
    report[.isDraining] = health.isDraining ? 1 : 0
    report[.probePosition] = health.ledger.place?.position ?? 0
    report[.ledgerReceived] = health.ledger.received
    report[.ledgerMissing] = health.ledger.missing
    report[.ledgerDoubled] = health.ledger.doubled
  }
}

extension EdgeSettings {
  /// The receivers of pushed metrics.
  fileprivate var pushTargets: PushTargets {
    PushTargets(
      interval: self.pushInterval, prefix: self.pushPrefix, graphite: self.pushGraphite,
      statsD: self.pushStatsD, openTelemetry: self.pushOpenTelemetry,
      openTelemetryFields: self.pushOpenTelemetryFields)
  }
}
