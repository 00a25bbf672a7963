import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Telemetry
import Transport
import Wire

/// The hub: receives messages from Redis, packs them once a tick, and sends the same bytes to all edges.
///
/// Everything runs on one loop. The parts keep their state to themselves; the server connects them, drives their
/// timers, and collects their state for the status. A score goes from ``FeedRelay`` to ``EdgeFleet``. Operators'
/// requests go from ``AdminServer`` to the ``EdgeFleet`` and the ``Rebalancer``.
final class HubServer: AdminServerDelegate {
  private let configuration: HubConfiguration
  private let terms: LinkLimits
  private let manager: ServiceManager
  private let loop: EventLoop
  private let network: Network
  private let logger: Logger
  private let startedAt: Instant
  private let fleet: EdgeFleet
  private let relay: FeedRelay
  private let rebalancer: Rebalancer
  private let admin: AdminServer
  private var figures = StreamFigures()
  private var pusher: MetricsPusher?
  private var listeners: [Listener] = []

  init(
    _ configuration: HubConfiguration, node: NodeName, redis: FeedSource, names: FeedNames,
    manager: ServiceManager, loop: EventLoop, logger: Logger
  ) throws {
    self.configuration = configuration
    self.manager = manager
    self.loop = loop
    self.logger = logger
    startedAt = loop.now
    network = try Network(on: loop)
    let settings = configuration.settings
    terms = Self.terms(settings, node)
    fleet = EdgeFleet(configuration, terms: terms, on: network, logger: logger)
    let feed = FeedDriver(
      source: redis,
      configuration: settings.redisURL.feedConfiguration(
        names: names, fenceInterval: settings.fenceInterval, isInteractionEnabled: settings.interactionEnabled
      ),
      network: network, logger: logger)
    relay = FeedRelay(feed, to: fleet, tick: settings.tick, loop: loop, logger: logger)
    rebalancer = Rebalancer(fleet, loop: loop, logger: logger)
    admin = AdminServer(
      configuration, hubName: node.description, fleet: fleet, rebalancer: rebalancer, on: network,
      logger: logger)
    admin.delegate = self
  }

  private static func terms(_ settings: HubSettings, _ node: NodeName) -> LinkLimits {
    guard let softwareVersion = SoftwareVersion(ServiceVersion.current) else {
      preconditionFailure("our own version is not one")
    }
    var terms = LinkLimits(node: node, softwareVersion: softwareVersion)
    terms.tickInterval = settings.tick
    terms.backlogMaximum = settings.linkBacklog
    terms.reportInterval = settings.reportInterval
    return terms
  }

  /// Listens for edges and operators, then connects to Redis.
  ///
  /// The hub has started once it listens, with Redis or without: an absent Redis is not a failure of the start, and
  /// a restart would not help. `/readyz` says whether the hub can serve edges.
  func start(on addresses: HubAddresses) throws {
    for address in addresses.link {
      try listen(on: address) { [weak self] in self?.fleet.accepted($0, from: $1) }
    }
    for (listener, addresses) in addresses.admin {
      for address in addresses {
        try listen(on: address) { [weak self] in self?.admin.accepted($0, from: $1, by: listener) }
      }
    }
    relay.start()
    everySecond()
    everyFiveSeconds()
    try startPushing()
    manager.send(.ready)
    everyPeriodOfManager()
  }

  private func listen(
    on address: SocketAddress, _ accepted: @escaping (consuming FileDescriptor, SocketAddress?) -> Void
  ) throws {
    let listener = try Listener(
      try ListeningSocket(on: address), on: loop, accepted: accepted,
      acceptFailed: { [logger] error in
        logger.error("no connection can be accepted; trying again shortly", metadata: ["reason": "\(error)"])
      })
    listeners.append(listener)
    logger.info("listening", metadata: ["address": "\(listener.address)"])
  }

  // MARK: Time

  private func everySecond() {
    fleet.secondPassed()
    relay.secondPassed()
    if configuration.checkDates(now: loop.now, unixSeconds: MonotonicClock.wallSeconds()) {
      admin.credentialsRenewed()
    }
    figures.timerTriggered(relay.table, relay.counters, now: loop.now)
    admin.secondPassed()
    loop.schedule(at: loop.now.advanced(by: .seconds(1))) { [weak self] in self?.everySecond() }
  }

  private func everyFiveSeconds() {
    configuration.checkFiles()
    admin.credentialsRenewed()
    relay.publishNodeStatuses()
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in self?.everyFiveSeconds() }
  }

  /// Says to the service manager that the loop turns.
  private func everyPeriodOfManager() {
    guard let period = manager.period else { return }
    let feed = relay.health
    let state = feed.detail.isEmpty ? "the scores are those of Redis" : feed.detail
    manager.send(.alive(status: "edges linked: \(fleet.linkCount); \(state)"))
    loop.schedule(at: loop.now.advanced(by: period)) { [weak self] in self?.everyPeriodOfManager() }
  }

  /// Reads the configuration again.
  func reload() {
    _ = admin.reload()
  }

  /// Says goodbye to the edges, and stops the loop.
  func shutDown() {
    guard !fleet.isShuttingDown else { return }
    manager.send(.stopping(within: nil))
    for listener in listeners { listener.close() }
    fleet.shutDown()
    loop.schedule(at: loop.now.advanced(by: .milliseconds(50))) { [loop] in loop.stop() }
  }

  // MARK: Status

  var view: AdminView {
    AdminView(
      status: status, figures: figures, interest: fleet.interest, rebalance: rebalancer.plan,
      settings: configuration.settings.rows.map {
        AdminView.Setting(key: $0.key, value: $0.value, source: $0.source)
      })
  }

  var status: HubStatus {
    var status = HubStatus(
      terms: terms, startedAt: startedAt, now: loop.now, unixSeconds: MonotonicClock.wallSeconds(),
      isDraining: fleet.isShuttingDown, feed: relay.health, scores: relay.table, edges: fleet.edges,
      counters: HubCounters(feed: relay.counters, links: fleet.counters), replacements: fleet.replacements)
    status.process.memoryBytes = ProcessResources.residentBytes()
    status.process.processorTime = ProcessResources.processorTime()
    status.process.turns = loop.turns
    status.process.ticks = relay.ticks
    status.process.logLinesDropped = ServiceLog.droppedLineCount
    status.operation.watchers = admin.watcherCount
    status.operation.refusals = admin.refusals
    status.operation.rebalance = rebalancer.plan
    status.operation.certificateEnds = configuration.certificateEnds
    status.operation.isLinkCertificateValid =
      configuration.linkContext.dateProblem(at: status.unixSeconds) == nil
    return status
  }

  /// Begins to push metrics, if the settings name a receiver.
  private func startPushing() throws {
    let settings = configuration.settings
    let targets = PushTargets(
      interval: settings.pushInterval, prefix: settings.pushPrefix, graphite: settings.pushGraphite,
      statsD: settings.pushStatsD, openTelemetry: settings.pushOpenTelemetry,
      openTelemetryFields: settings.pushOpenTelemetryFields)
    let origin = MetricsOrigin(
      service: "emojitrack-hub", node: terms.node.description, version: ServiceVersion.current,
      startedAtMicroseconds: MonotonicClock.wallMicroseconds())
    pusher = try MetricsPusher(targets, origin, on: network) { [logger] in logger.pushChanged($0, $1) }
    pusher?.start { [weak self] in
      guard let self else { return }
      pusher?.push(status.metrics)
    }
  }
}
