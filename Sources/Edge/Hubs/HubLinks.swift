import EdgeCore
import HTTP
import Logging
import Primitives
import Reactor
import Service
import Transport
import Wire

/// The edge's controller, as its ``HubLinks`` see it.
protocol HubLinksDelegate: AnyObject {
  /// A hub sent a command. The result goes to ``HubLinks/answer(_:_:_:)``.
  func hubLinks(_ links: HubLinks, received command: Command, from hub: Int)
  /// A hub told the keys of session tickets that its edges share.
  func hubLinks(_ links: HubLinks, received keys: SharedTicketKeys, from hub: Int)
  /// The link to a hub has ended.
  func hubLinks(_ links: HubLinks, lost hub: Int)
  /// The hubs must get a report.
  func hubLinksReportIsDue(_ links: HubLinks)
  /// A link was lost, or a hub's totals became those of Redis, or ceased to be.
  func hubLinksChanged(_ links: HubLinks)
}

/// The links to the hubs: merges their messages, renders each update once, and hands it to all workers.
///
/// What the workers get, and what the hubs are asked, is decided by the ``EdgeCore/EdgeStream``. Hubs are numbered
/// from 0, in the order of the setting.
final class HubLinks: HubConnectionDelegate, TurnEndHandler {
  private let configuration: EdgeConfiguration
  private let mailboxes: Mailboxes
  private let loop: EventLoop
  private let logger: Logger
  private var hubs: [HubConnection] = []
  private var stream: EdgeStream
  private var paceTimer: Deadline?
  private var openingTimer: Deadline?
  private var openingBytes = SharedBytesBudget(
    limit: SharedBytesBudget.sharedMaximum, countMinimum: SharedBytesBudget.copiedMaximum)
  private var turnIsScheduled = false
  /// The receiver of commands.
  weak var delegate: (any HubLinksDelegate)?

  init(
    to configurations: [HubConnection.Configuration], _ configuration: EdgeConfiguration,
    mailboxes: Mailboxes,
    on network: Network, logger: Logger
  ) {
    guard let softwareVersion = SoftwareVersion(ServiceVersion.current) else {
      preconditionFailure("our own version is not one")
    }
    self.configuration = configuration
    self.mailboxes = mailboxes
    self.logger = logger
    loop = network.loop
    stream = EdgeStream(
      hubCount: configurations.count, interestLinger: configuration.settings.interestLinger)
    stream.givesChecks = configuration.settings.resumeCheck
    hubs = configurations.enumerated().map { index, hub in
      let link = HubLink(node: configuration.node, softwareVersion: softwareVersion, now: loop.now)
      return HubConnection(index, hub, link: link, on: network, logger: logger, delegate: self)
    }
    paceTimer = Deadline(on: loop) { [weak self] in
      guard let self else { return }
      handOver(stream.paceTimerTriggered(now: now))
    }
    openingTimer = Deadline(on: loop) { [weak self] in self?.scheduleTurnEnd() }
    perform(stream.clientJoined(.probe))
  }

  private var now: Instant { loop.now }

  // MARK: State

  /// Whether any hub has sent its welcome.
  var isLive: Bool { hubs.contains(where: \.isLive) }

  /// Whether clients are sent what Redis holds at present.
  var isFresh: Bool { stream.isFresh }

  /// Until when the hubs' totals count as those of Redis without another sign of life; nil if no hub was ever fresh.
  var freshUntil: Instant? { hubs.compactMap(\.link.freshUntil).max() }

  /// The state of the links, without what other parts of the edge add to it.
  var health: LinkHealth {
    var health = LinkHealth()
    health.isFresh = isFresh
    health.hubs = hubs.map { hub in
      var health = hub.health
      health.isFollowed = stream.isFollowed(hub.index)
      return health
    }
    health.isLive = health.hubs.contains(where: \.isLive)
    health.tickInterval = stream.tickInterval
    health.position = place.position
    health.topics = stream.topicCount
    health.corrections = stream.renderer.takenBack
    return health
  }

  /// The name of a hub, from its welcome.
  func name(of hub: Int) -> String { hubs[hub].link.hub?.description ?? "?" }

  // MARK: Clients

  /// A client joined a stream that the hubs or the renderer must know of.
  func clientJoined(_ kind: StreamKind) {
    perform(stream.clientJoined(kind))
  }

  /// A client left such a stream.
  func clientLeft(_ kind: StreamKind) {
    stream.clientLeft(kind, now: now)
  }

  /// A client that has joined waits for its first bytes.
  func requested(_ client: OpeningClient, _ subscription: Subscription) {
    perform(stream.requested(client, subscription, now: now))
  }

  /// A client that waited for its first bytes is gone.
  func withdrawn(_ client: OpeningClient) {
    stream.withdrawn(client)
  }

  // MARK: To the hubs

  /// Sends a report to every hub that has sent its welcome. The interval of one may have asked for it; all get it.
  func send(_ report: Report) {
    for hub in hubs where hub.isLive { hub.send(.report(report)) }
  }

  /// Answers a hub's command.
  func answer(_ order: HubOrder, _ outcome: CommandResult.Outcome, _ text: String = "") {
    hubs[order.hub].send(.commandResult(CommandResult(id: order.id, outcome: outcome, text: text)))
  }

  /// The edge is shutting down: tells every hub, and ends the links once everything queued has been sent.
  func shutDown() {
    for hub in hubs {
      hub.send(.goAway(GoAway(reason: .shutdown)))
      hub.finish()
    }
  }

  // MARK: Time

  /// A second has passed.
  func secondPassed() {
    stream.givesChecks = configuration.settings.resumeCheck
    for hub in hubs {
      hub.checkRevocation()
      hub.updateHealth()
    }
    perform(stream.timePassed(now: now))
  }

  private func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.callAtTurnEnd(self)
  }

  func turnEnded() {
    turnIsScheduled = false
    handOver(stream.turnEnded(now: now))
  }

  private func handOver(_ actions: [EdgeStream.Action]) {
    perform(actions)
    paceTimer?.set(stream.paceDeadline)
    openingTimer?.set(stream.openingDeadline)
  }

  // MARK: The stream's actions

  private func perform(_ actions: [EdgeStream.Action]) {
    for action in actions {
      switch action {
      case .update(let updates, let stamp), .updateEvents(let updates, let stamp):
        mailboxes.broadcast(.updates(updates, hubFlushedAt: stamp.flatMap(HubStamp.instant)))
      case .open(let clients, let bytes): open(clients, with: bytes)
      case .admit(let clients): mailboxes.admit(clients)
      case .send(let message, let hub): hubs[hub].send(message)
      case .sendInterest(let interest, let hub): hubs[hub].send(interest)
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
      "the edge follows another lineage",
      metadata: [
        "lineage": "\(stream.lineage?.description ?? "none")", "before": "\(lineage)",
        "hubs_of_others": "\(others.map { $0.configuration.address.description })",
      ])
  }

  // MARK: From the hubs

  var place: (lineage: Lineage?, position: Position) {
    (stream.renderer.mirror.lineage, stream.renderer.mirror.position)
  }

  func hubWelcomed(_ hub: HubConnection) {
    perform(
      stream.linkOpened(
        to: hub.index, version: hub.link.version, tickInterval: hub.link.tickInterval, now: now))
    delegate?.hubLinksReportIsDue(self)
  }

  func hubConfirmedInterest(_ hub: HubConnection) { stream.interestConfirmed(by: hub.index) }

  func hub(_ hub: HubConnection, sent message: Message) {
    perform(stream.received(message, from: hub.index, now: now))
  }

  func hub(_ hub: HubConnection, commanded command: Command) {
    delegate?.hubLinks(self, received: command, from: hub.index)
  }

  func hub(_ hub: HubConnection, told keys: SharedTicketKeys) {
    delegate?.hubLinks(self, received: keys, from: hub.index)
  }

  func hubFreshnessChanged(_ hub: HubConnection) {
    perform(stream.freshnessChanged(of: hub.index, to: hub.health.isFresh, now: now))
    delegate?.hubLinksChanged(self)
  }

  func hubReportIsDue(_ hub: HubConnection) { delegate?.hubLinksReportIsDue(self) }

  func hubReceivedAll(_ hub: HubConnection) { scheduleTurnEnd() }

  func hubLost(_ hub: HubConnection) {
    perform(stream.linkClosed(to: hub.index, now: now))
    delegate?.hubLinks(self, lost: hub.index)
    delegate?.hubLinksChanged(self)
  }
}
