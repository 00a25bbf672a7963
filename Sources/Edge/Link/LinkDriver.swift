import EdgeCore
import HTTP
import Logging
import Primitives
import Reactor
import Service
import TLS
import Telemetry
import Transport
import Wire

/// Owns the links to the hubs, merges their messages, renders each update once, and passes it to all workers.
///
/// It has an event loop of its own, so that a burst from a hub is decoded and rendered while the workers write.
final class LinkDriver: TurnEndHandler {
  /// What the driver is started with.
  struct Configuration: Sendable {
    /// The hubs, in the order of preference.
    let hubs: [HubConnection.Configuration]
    let credentials: LinkCredentials
    let node: NodeName
    let softwareVersion: SoftwareVersion
    let interestLinger: Duration
    let workerCount: Int
    let descriptorLimit: Int
    let push: PushTargets
  }

  static let sweepInterval = Duration.seconds(1)

  let loop: EventLoop
  let configuration: Configuration
  let mailboxes: Mailboxes
  /// The clients' TLS. This thread renews its files and keys.
  let secure: SecureContext?
  let logger: Logger
  /// The settings in force.
  var terms: EdgeTerms
  var lifecycle: EdgeLifecycle
  var lifecycleTimer: Deadline?

  private(set) var hubs: [HubConnection] = []
  var stream: EdgeStream
  private var paceTimer: Deadline?
  private var openingTimer: Deadline?
  private var openingBytes = SharedBytesLedger(
    limit: DeliveryLimits.sharedMaximum, countMinimum: DeliveryLimits.copiedMaximum)
  private var turnIsScheduled = false
  var health = LinkHealth()
  var pusher: MetricsPusher?
  let startedAt: Instant
  let probe: Probe
  private var certificateConditions = ConditionReporter()

  init(
    _ configuration: Configuration, terms: EdgeTerms, mailboxes: Mailboxes, secure: SecureContext?,
    probe: SocketPair, loop: EventLoop, logger: Logger
  ) throws {
    self.configuration = configuration
    self.terms = terms
    lifecycle = EdgeLifecycle(workerCount: configuration.workerCount)
    self.secure = secure
    self.mailboxes = mailboxes
    self.loop = loop
    self.logger = logger
    startedAt = loop.now
    self.probe = try Probe(probe, on: loop)
    stream = EdgeStream(
      hubCount: configuration.hubs.count, interestLinger: configuration.interestLinger)
    let network = try Network(on: loop)
    hubs = configuration.hubs.enumerated().map { index, hub in
      let link = HubLink(
        node: configuration.node, softwareVersion: configuration.softwareVersion, now: loop.now)
      return HubConnection(index, hub, link: link, on: network, logger: logger, delegate: self)
    }
    lifecycleTimer = Deadline(on: loop) { [weak self] in self?.drainTimeIsUp() }
    paceTimer = Deadline(on: loop) { [weak self] in
      guard let self else { return }
      handOver(stream.paceTimerTriggered(now: self.loop.now))
    }
    openingTimer = Deadline(on: loop) { [weak self] in self?.scheduleTurnEnd() }
    perform(stream.clientJoined(.probe))
    try loop.receive(from: mailboxes.link) { [weak self] messages in
      for message in messages { self?.received(message) }
    }
    sweep()
    try startPushing(on: network)
    lookAtFiles()
    if let secure { rotateTicketKeys(of: secure) }
  }

  /// The disk may be slow. This thread may wait for it, because the workers deliver meanwhile.
  private func lookAtFiles() {
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in
      guard let self else { return }
      lookAtFilesNow()
      lookAtFiles()
    }
  }

  private func lookAtFilesNow() {
    secure?.look(logger)
    configuration.credentials.look(logger)
  }

  /// Certificates that are not valid now may soon be: the clock may be set, or the files renewed.
  private func lookAtDates() {
    let now = MonotonicClock.wallSeconds()
    let linkProblem = configuration.credentials.current.dateProblem(at: now)?.description
    let problems = [
      ("tls.certificate, tls.authority", linkProblem),
      ("https.certificate", secure?.current.dateProblem(at: now)?.description),
    ]
    health.isCertificateValid = linkProblem == nil
    for report in certificateConditions.observed(problems, now: loop.now) {
      logger.certificateReported(report)
    }
    if problems.contains(where: { $0.1 != nil }) { lookAtFilesNow() }
  }

  private func rotateTicketKeys(of secure: SecureContext) {
    loop.schedule(at: loop.now.advanced(by: TicketKeys.rotationPeriod)) { [weak self] in
      guard let self else { return }
      secure.rotateTicketKeys(logger)
      rotateTicketKeys(of: secure)
    }
  }

  /// The hubs that have sent their welcome.
  var liveHubs: [HubConnection] { hubs.filter(\.isLive) }

  // MARK: The end of a turn

  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.callAtTurnEnd(self)
  }

  func turnEnded() {
    turnIsScheduled = false
    handOver(stream.turnEnded(now: loop.now))
  }

  private func handOver(_ actions: [EdgeStream.Action]) {
    perform(actions)
    paceTimer?.set(stream.paceDeadline)
    openingTimer?.set(stream.openingDeadline)
  }

  // MARK: The stream's actions

  func perform(_ actions: [EdgeStream.Action]) {
    health.isFresh = stream.isFresh
    for action in actions {
      switch action {
      case .update(let updates, let stamp), .updateEvents(let updates, let stamp):
        mailboxes.broadcast(.updates(updates, hubFlushedAt: stamp.flatMap(HubStamp.instant)))
      case .open(let clients, let bytes): open(clients, with: bytes)
      case .admit(let clients): mailboxes.admit(clients)
      case .send(let message, let hub): hubs[hub].send(message)
      case .tell(let interest, let hub): hubs[hub].tell(interest)
      case .endTurn: scheduleTurnEnd()
      case .leaveLineage(let lineage): lineageLeft(lineage)
      }
    }
  }

  /// Clients with the same framing share one copy of the bytes.
  private func open(_ clients: [OpeningClient], with bytes: [UInt8]) {
    for (framing, clients) in Dictionary(grouping: clients, by: \.framing) {
      mailboxes.open(clients, with: openingBytes.share(framing.framed(bytes)))
    }
  }

  private func lineageLeft(_ lineage: Lineage) {
    let others = hubs.filter { $0.isLive && !stream.isFollowed($0.index) }
    logger.notice(
      "another lineage is followed",
      metadata: [
        "lineage": "\(stream.lineage?.description ?? "none")", "before": "\(lineage)",
        "hubs_of_others": "\(others.map { $0.configuration.address.description })",
      ])
  }

  // MARK: Time

  private func sweep() {
    for hub in hubs { hub.look() }
    lookAtDates()
    perform(stream.timePassed(now: loop.now))
    tellHealth()
    loop.schedule(at: loop.now.advanced(by: Self.sweepInterval)) { [weak self] in self?.sweep() }
  }

  func tellHealth() {
    health.hubs = hubs.map { hub in
      var health = hub.health
      health.isFollowed = stream.isFollowed(hub.index)
      return health
    }
    let freshUntil = hubs.compactMap(\.link.freshUntil).max()
    health.staleSince = health.isFresh ? nil : health.staleSince ?? freshUntil ?? loop.now
    health.isLive = health.hubs.contains(where: \.isLive)
    health.position = stream.renderer.mirror.position
    health.tickInterval = stream.tickInterval
    health.topics = stream.topicCount
    health.corrections = stream.renderer.takenBack
    health.turns = loop.turns
    health.ledger = probe.ledger
    health.isDraining = lifecycle.isDraining
    health.isDrainAnnounced = lifecycle.isAnnounced
    health.certificateEnds = [
      ("hubs", configuration.credentials.current.certificate), ("clients", secure?.current.certificate),
    ].compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
    mailboxes.broadcast(.linkHealth(health))
  }

  // MARK: The workers

  private func received(_ message: LinkMessage) {
    switch message {
    case .joined(let kind): perform(stream.clientJoined(kind))
    case .left(let kind): stream.clientLeft(kind, now: loop.now)
    case .requested(let client, let subscription):
      perform(stream.requested(client, subscription, now: loop.now))
    case .withdrawn(let client): stream.withdrawn(client)
    case .collected(let collection): collected(collection)
    case .workerFinished: perform(lifecycle.workerFinished())
    case .reload: _ = reload(for: "SIGHUP")
    case .stop:
      let settings = terms.settings
      perform(
        lifecycle.stopRequested(
          window: settings.drainWindow, announce: settings.drainAnnounce, now: loop.now))
    }
  }
}
