import HubCore
import Logging
import Primitives
import Reactor
import Redis
import Service
import TLS
import Telemetry
import Transport
import Wire

/// The hub: takes in what Redis brings, packs it once a tick, and sends the same bytes to all edges.
///
/// Everything happens on one loop. `HubServer+Feed.swift` is how events come in, `HubServer+Publishing.swift` how they go
/// out, as the ``HubCore/HubStream`` says, `HubServer+Edges.swift` who they go to, `HubServer+Queries.swift` what is asked
/// about the past, `HubServer+Admin.swift` how all of it is seen and changed.
final class HubServer {
  let settings: HubSettings
  /// The settings in force, as they are shown.
  var settingRows: [SettingRow]
  let terms: EdgeLinkTerms
  let loop: EventLoop
  let network: Network
  let logger: Logger
  var linkFiles: Reloadable<TLSContext>
  let startedAt: Instant
  var random = SystemRandomNumberGenerator()

  // What Redis said, and what of it goes out when.
  let feed: FeedDriver
  var stream: HubStream

  // The edges.
  var links: [Int: EdgeLinkDriver] = [:]
  var registry: EdgeRegistry
  var interest = InterestIndex()
  var lastLinkNumber = 0
  var refusalLog = LogLimiter()
  var feedLog = LogLimiter()
  /// What of the sorted set was told to the log as rejected.
  var rejectedTotals: [RejectReason: FenceTotals.Rejected] = [:]
  private var certificateConditions = ConditionReporter()

  var counters = HubCounters()
  var figures = StreamFigures()
  /// How long the ticks took.
  private(set) var ticks = DurationHistogram()

  // The operators.
  var doors: AdminDoors
  var gate: AdminGate
  var orders = PendingCommands<EdgeOrder>()
  var orderTimer: Deadline?
  var rebalance = Rebalance()
  private(set) var rebalanceTimer: Deadline?
  var pusher: MetricsPusher?
  var adminRefusals: [AdminRefusal: UInt64] = [:]
  var adminClients: [ObjectIdentifier: AdminConnection] = [:]
  private(set) var isShuttingDown = false
  private var listeners: [Listener] = []
  private var tick: Deadline?

  init(
    settings: HubSettings, node: NodeName, linkFiles: Reloadable<TLSContext>, doors: AdminDoors,
    redis: FeedSource, names: FeedNames, loop: EventLoop, logger: Logger
  ) throws {
    self.settings = settings
    settingRows = settings.rows
    self.linkFiles = linkFiles
    self.doors = doors
    gate = AdminGate(
      tokens: doors.acceptedTokens, readers: settings.adminClientsReaders,
      hostNames: [node.description] + doors.names)
    self.loop = loop
    self.logger = logger
    startedAt = loop.now
    network = try Network(on: loop)
    guard let softwareVersion = SoftwareVersion(ServiceVersion.current) else {
      preconditionFailure("our own version is not one")
    }
    var terms = EdgeLinkTerms(node: node, softwareVersion: softwareVersion)
    terms.tickInterval = settings.tick
    terms.backlogMaximum = settings.linkBacklog
    self.terms = terms
    stream = HubStream(ScorePacker(start: loop.now, interval: settings.tick))
    registry = EdgeRegistry(linksMaximum: settings.edgesMaximum)
    feed = FeedDriver(
      source: redis,
      configuration: settings.redisURL.feedConfiguration(
        names: names, fenceInterval: settings.fenceInterval, isInteractionEnabled: settings.interactionEnabled
      ),
      network: network, logger: logger)
    tick = Deadline(on: loop) { [weak self] in self?.tickHit() }
    orderTimer = Deadline(on: loop) { [weak self] in self?.orderTimerFired() }
    rebalanceTimer = Deadline(on: loop) { [weak self] in self?.rebalanceStep() }
    feed.delegate = self
  }

  /// Listens for edges and for the operator, then connects to Redis.
  func start(link: [SocketAddress], admin: [SocketAddress], secureAdmin: [SocketAddress]) throws {
    for address in link {
      try listen(on: address) { [weak self] in self?.edgeAccepted($0, from: $1) }
    }
    for address in admin {
      try listen(on: address) { [weak self] in self?.adminAccepted($0, from: $1, isSecure: false) }
    }
    for address in secureAdmin {
      try listen(on: address) { [weak self] in self?.adminAccepted($0, from: $1, isSecure: true) }
    }
    feed.start()
    everySecond()
    everyFiveSeconds()
    try startPushing()
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

  /// Has the loop wake up for the next flush.
  func armTick() {
    tick?.set(stream.deadline)
  }

  private func tickHit() {
    let start = MonotonicClock.now()
    perform(stream.tickHit(now: loop.now))
    ticks.record(start.duration(to: MonotonicClock.now()))
    armTick()
  }

  private func everySecond() {
    for change in registry.timerTriggered(now: loop.now) {
      switch change {
      case .lost(let node): logger.warning("an edge no longer reports", metadata: ["edge": "\(node)"])
      case .forgotten(let node): logger.info("an edge is gone", metadata: ["edge": "\(node)"])
      }
    }
    for summary in refusalLog.timerTriggered(now: loop.now) + feedLog.timerTriggered(now: loop.now) {
      logger.warning(
        "lines were left out", metadata: ["like": "\(summary.key)", "count": "\(summary.suppressed)"])
    }
    lookAtDates()
    figures.timerTriggered(stream.table, counters, now: loop.now)
    tellWatchers()
    loop.schedule(at: loop.now.advanced(by: .seconds(1))) { [weak self] in self?.everySecond() }
  }

  /// Certificates that are not valid now may be so in a moment: the clock is set, or they are renewed.
  private func lookAtDates() {
    let now = MonotonicClock.wallSeconds()
    let problems = [
      ("tls.certificate, tls.authority", linkFiles.value.dateProblem(at: now)?.description),
      (
        "admin.https.certificate, admin.clients.authority",
        doors.context?.dateProblem(at: now)?.description
      ),
    ]
    for report in certificateConditions.observed(problems, now: loop.now) {
      logger.certificateReported(report)
    }
    if problems.contains(where: { $0.1 != nil }) { lookAtFiles() }
  }

  private func everyFiveSeconds() {
    lookAtFiles()
    tellNodeStatuses()
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in self?.everyFiveSeconds() }
  }

  /// The predecessors' tools look into Redis for how the edges are.
  func tellNodeStatuses() {
    let unixSeconds = MonotonicClock.wallSeconds()
    let present = isShuttingDown ? [] : registry.records.filter { $0.link != nil }
    feed.tellNodeStatuses(
      present.map { .init(node: $0.node, json: $0.nodeStatusJSON(unixSeconds: unixSeconds)) })
  }

  /// Tells the edges, and stops the loop.
  func shutDown() {
    guard !isShuttingDown else { return }
    isShuttingDown = true
    for listener in listeners { listener.close() }
    tellNodeStatuses()
    for link in links.values {
      link.shutDown(retryAfterMilliseconds: Int.random(in: 0...500, using: &random))
    }
    loop.schedule(at: loop.now.advanced(by: .milliseconds(50))) { [loop] in loop.stop() }
  }
}
