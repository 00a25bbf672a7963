import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Telemetry
import Transport
import Wire

/// Reports the edge's state: its health to the workers, its figures to the hubs, its metrics to the receivers of
/// pushes, for deployments that do not scrape them, and its life to the service manager.
final class EdgeReporter {
  private let configuration: EdgeConfiguration
  private let links: HubLinks
  private let lifecycle: LifecycleDriver
  private let probe: Probe
  private let memory: MemoryWatch
  private let mailboxes: Mailboxes
  private let manager: ServiceManager
  private let loop: EventLoop
  private let startedAt: Instant
  private var staleSince: Instant?
  private var pusher: MetricsPusher?
  private var hasStarted = false

  init(
    _ configuration: EdgeConfiguration, links: HubLinks, lifecycle: LifecycleDriver, probe: Probe,
    memory: MemoryWatch, mailboxes: Mailboxes, manager: ServiceManager, loop: EventLoop
  ) {
    self.configuration = configuration
    self.links = links
    self.lifecycle = lifecycle
    self.probe = probe
    self.memory = memory
    self.mailboxes = mailboxes
    self.manager = manager
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
    health.memory = memory.health
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

  // MARK: The service manager

  /// All workers have answered, so all loops of the edge turn. The edge has started when they do for the first time:
  /// it listens, with scores or without. `/readyz` says whether it can serve clients.
  func reportLife(_ survey: WorkerSurvey) {
    if !hasStarted { manager.send(.ready) }
    hasStarted = true
    let linked = links.health.hubs.count(where: \.isLive)
    var status = "streams: \(survey.totals.clients); hubs linked: \(linked) of \(links.health.hubs.count)"
    if staleSince != nil { status += "; the scores are stale" }
    if memory.health?.isShort == true { status += "; memory is short: no new clients" }
    if lifecycle.isAnnounced {
      status += "; a drain is announced"
    } else if lifecycle.isDraining {
      status += "; draining"
    }
    manager.send(.alive(status: status))
  }

  // MARK: Reports

  /// All workers have added their parts: sends the report to the hubs.
  func report(_ survey: WorkerSurvey) {
    guard links.isLive else { return }
    let report = EdgeReport(
      uptime: uptime, workerCount: configuration.settings.workers,
      descriptorLimit: configuration.descriptorLimit, counters: survey.totals, link: health)
    links.send(report.message)
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
