import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Telemetry
import Transport
import Wire

/// Holds the links to the hubs, merges what they send, renders what is new once, and hands it to all workers.
///
/// It runs on a loop of its own, so that a burst from a hub is decoded and rendered while the workers write.
final class LinkDriver: TurnEndHandler {
  /// What it is started with.
  struct Configuration: Sendable {
    /// The hubs, in the order in which they are preferred.
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
  /// The clients' TLS, whose files and keys this thread looks after.
  let secure: SecureContext?
  let logger: Logger
  /// The settings in force.
  var terms: EdgeTerms
  var lifecycle: EdgeLifecycle
  var lifecycleTimer: Deadline?

  private(set) var hubs: [HubConnection] = []
  var merge: HubMerge
  var renderer = UpdateRenderer()
  var interest: InterestLedger
  /// Where clients wait for the first bytes of their streams.
  var desk = OpeningDesk()
  var deskTimer: Deadline?
  var openingBytes = SharedBytesLedger(
    limit: OpeningBytes.sharedMaximum, countMinimum: OpeningBytes.copiedMaximum)
  var repair = TweetRepair()
  var queries = HubQueries()
  /// The topics whose tweets were asked for, by the id of the query.
  var repairs: [UInt64: TopicID] = [:]
  var lastRepair: UInt64 = 0
  private var pacer: UpdatePacer
  private var paceTimer: Deadline?
  /// When the hub flushed the oldest scores that wait to be handed to the workers.
  private var hubFlushedAt: Instant?
  private var turnIsScheduled = false
  var health = LinkHealth()
  var pusher: MetricsPusher?
  let startedAt: Instant
  let probe: Probe

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
    renderer.clientJoined(.probe)
    merge = HubMerge(hubCount: configuration.hubs.count)
    pacer = UpdatePacer(isNeeded: configuration.hubs.count > 1)
    interest = InterestLedger(linger: configuration.interestLinger)
    let network = try Network(on: loop)
    hubs = configuration.hubs.enumerated().map { index, hub in
      let link = HubLink(
        node: configuration.node, softwareVersion: configuration.softwareVersion, now: loop.now)
      return HubConnection(index, hub, link: link, on: network, logger: logger, delegate: self)
    }
    lifecycleTimer = Deadline(on: loop) { [weak self] in self?.drainTimeIsUp() }
    paceTimer = Deadline(on: loop) { [weak self] in self?.pauseEnded() }
    deskTimer = Deadline(on: loop) { [weak self] in self?.scheduleTurnEnd() }
    try loop.receive(from: mailboxes.link) { [weak self] messages in
      for message in messages { self?.received(message) }
    }
    sweep()
    try startPushing(on: network)
    lookAtFiles()
    if let secure { rotateTicketKeys(of: secure) }
  }

  /// The disk may be slow, and this thread may wait for it: its workers deliver meanwhile.
  private func lookAtFiles() {
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in
      guard let self else { return }
      secure?.look(logger)
      configuration.credentials.look(logger)
      lookAtFiles()
    }
  }

  private func rotateTicketKeys(of secure: SecureContext) {
    loop.schedule(at: loop.now.advanced(by: TicketKeys.rotationPeriod)) { [weak self] in
      guard let self else { return }
      secure.rotateTicketKeys(logger)
      rotateTicketKeys(of: secure)
    }
  }

  /// Those that have welcomed us.
  var liveHubs: [HubConnection] { hubs.filter(\.isLive) }

  // MARK: The end of a turn

  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.callAtTurnEnd(self)
  }

  /// Everything that came in this turn becomes one update for the workers, unless there was one so lately that several
  /// hubs must be at work.
  func turnEnded() {
    turnIsScheduled = false
    if renderer.hasUpdates {
      if pacer.updateCame(now: loop.now) { broadcastUpdates() }
      paceTimer?.set(pacer.deadline)
    }
    openStreams()
  }

  private func pauseEnded() {
    pacer.timerTriggered(now: loop.now)
    broadcastUpdates()
    openStreams()
  }

  /// Hands what is new to the workers.
  private func broadcastUpdates() {
    let updates = renderer.takeUpdates()
    if !updates.isEmpty { mailboxes.broadcast(.updates(updates, hubFlushedAt: hubFlushedAt)) }
    hubFlushedAt = nil
  }

  /// Hands what is new to the workers, but for the growth of scores: that keeps its pace.
  func broadcastEvents() {
    let updates = renderer.takeEvents()
    if !updates.isEmpty { mailboxes.broadcast(.updates(updates, hubFlushedAt: hubFlushedAt)) }
  }

  /// Renders what was merged.
  func renderMerged() {
    for message in merge.takeMerged() {
      guard case .topicEvent(let event) = message else {
        let waited = renderer.hasUpdates
        renderer.receive(message)
        // A later flush waits no longer than the first one, and a copy that another hub sent brings nothing new.
        if case .scores(let scores) = message, !waited, renderer.hasUpdates {
          hubFlushedAt = HubStamp.instant(of: scores.hubStampMicroseconds)
        }
        continue
      }
      render(repair.eventCame(event))
    }
  }

  func render(_ events: [TopicEvent]) {
    for event in events { renderer.receive(.topicEvent(event)) }
    if !events.isEmpty { scheduleTurnEnd() }
  }

  /// A hub said how often it flushes.
  func tickIntervalChanged(to interval: Duration) { pacer.tickIntervalChanged(to: interval) }

  // MARK: Time

  private func sweep() {
    let expired = interest.takeExpired(at: loop.now)
    for hub in liveHubs { for message in expired { hub.send(.interest(message)) } }
    for hub in hubs { hub.look() }
    merge.timePassed(now: loop.now)
    renderMerged()
    scheduleTurnEnd()
    tellHealth()
    renderer.age(at: loop.now)
    desk.age(at: loop.now)
    loop.schedule(at: loop.now.advanced(by: Self.sweepInterval)) { [weak self] in self?.sweep() }
  }

  func tellHealth() {
    health.hubs = hubs.map { hub in
      var health = hub.health
      health.isFollowed = merge.isFollowed(hub.index)
      return health
    }
    health.staleSince = health.isFresh ? nil : health.staleSince ?? loop.now
    health.isLive = health.hubs.contains(where: \.isLive)
    health.position = renderer.mirror.position
    health.topics = interest.count
    health.turns = loop.turns
    health.ledger = probe.ledger
    health.isDraining = lifecycle.isDraining
    health.certificateEnds = [
      ("hubs", configuration.credentials.current.certificate), ("clients", secure?.current.certificate),
    ].compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
    mailboxes.broadcast(.linkHealth(health))
  }

  // MARK: The workers

  private func received(_ message: LinkMessage) {
    switch message {
    case .joined(let kind):
      if let topic = kind.topic { interest.clientJoined(topic) }
      renderer.clientJoined(kind)
    case .left(let kind):
      if let topic = kind.topic { interest.clientLeft(topic, at: loop.now) }
      renderer.clientLeft(kind)
    case .requested(let client, let subscription): request(client, subscription)
    case .collected(let collection): collected(collection)
    case .workerFinished: perform(lifecycle.workerFinished())
    case .reload: _ = reload(for: "SIGHUP")
    case .stop: perform(lifecycle.stopRequested(window: terms.settings.drainWindow, now: loop.now))
    }
    let added = interest.takeAdded()
    guard !added.isEmpty else { return }
    merge.interestAdded()
    for hub in liveHubs { hub.tell(added) }
  }
}
