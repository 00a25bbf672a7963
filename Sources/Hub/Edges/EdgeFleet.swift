import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// The edges: performs what their ``HubCore/EdgeLinks`` decide, and sends commands to them.
///
/// Scores and events arrive through the publishing methods. Edges' queries go to the delegate.
final class EdgeFleet: EdgeLinkDelegate {
  private let configuration: HubConfiguration
  private let terms: LinkLimits
  private let network: Network
  private let logger: Logger
  private let linksMaximum: Int
  /// The most connections without a hello. A TLS handshake under way holds some 45 KB.
  static let beginnersMaximum = 1_024
  private let links: EdgeLinks<EdgeLinkDriver>
  private let commands: EdgeCommands
  private var refusalLog = LogLimiter()
  private var random = SystemRandomNumberGenerator()
  /// The counts since the start.
  private(set) var counters = LinkCounters()
  /// Whether the hub is shutting down.
  private(set) var isShuttingDown = false
  /// The owner of the scores, which answers queries.
  weak var delegate: (any EdgeFleetDelegate)?

  init(
    _ configuration: HubConfiguration, terms: LinkLimits, on network: Network, logger: Logger
  ) {
    self.configuration = configuration
    self.terms = terms
    self.network = network
    self.logger = logger
    let edgesMaximum = configuration.settings.edgesMaximum
    // Links without a hello count too, so that a flood of them cannot take all descriptors.
    linksMaximum = edgesMaximum + Self.beginnersMaximum
    links = EdgeLinks(edgesMaximum: edgesMaximum, now: network.loop.now, random: &random)
    commands = EdgeCommands(loop: network.loop, logger: logger)
  }

  private var now: Instant { network.loop.now }

  /// Takes over a connection of an edge.
  func accepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) {
    // The oldest gives way and not this one: an edge needs milliseconds, and a flood must not keep it out.
    links.takeOldestBeginner(ifAtLeast: Self.beginnersMaximum)?.giveWay()
    guard links.count < linksMaximum else { return }
    links.add(
      EdgeLinkDriver(
        number: links.takeNumber(), terms: terms, accepted: descriptor, from: address, on: network,
        security: .tlsServer(configuration.linkContext), delegate: self))
  }

  // MARK: The state of the edges

  /// The record of each edge, ordered by name.
  var records: [EdgeRegistry.Record] { links.registry.records }

  /// The edges with the state of their links.
  var edges: [HubStatus.Edge] {
    links.registry.records.map { record in
      HubStatus.Edge(
        record: record, link: record.link.flatMap { links[$0]?.machine },
        topicCount: record.link.map { links.topicCount(of: $0) } ?? 0)
    }
  }

  /// The number of edges that are connected.
  var linkCount: Int { links.registry.linkCount }

  /// The interest of the edges.
  var interest: AdminView.Interest { links.interestView }

  /// The number of links that replaced another one of the same edge.
  var replacements: UInt64 { links.registry.replacements }

  /// The state of each connected edge, to be written into Redis.
  func nodeStatuses(unixSeconds: Int64) -> [FeedMachine.NodeStatus] {
    guard !isShuttingDown else { return [] }
    return links.registry.records.filter { $0.link != nil }.map {
      .init(node: $0.node, json: $0.nodeStatusJSON(unixSeconds: unixSeconds))
    }
  }

  /// A second has passed.
  func secondPassed() {
    for change in links.secondPassed(now: now, using: &random) {
      switch change {
      case .lost(let node): logger.warning("an edge no longer reports", metadata: ["edge": "\(node)"])
      case .forgotten(let node): logger.info("an edge is gone", metadata: ["edge": "\(node)"])
      }
    }
    logger.leftOut(refusalLog.timerTriggered(now: now))
    for link in links.all where link.isRevoked(by: configuration.linkContext) { link.displace(.revoked) }
  }

  // MARK: Commands and messages

  /// Sends a command to an edge. The answer follows when the edge has answered, or after a timeout.
  func send(_ command: EdgeCommand, _ answer: @escaping (Response) -> Void) {
    send(EdgeCommands.Order(command: command, answer: answer))
  }

  private func send(_ order: EdgeCommands.Order) {
    guard let number = links.registry[order.command.node]?.link, let link = links[number], link.node != nil
    else {
      return order.answer(order.command.absence)
    }
    commands.send(order, over: link)
  }

  /// Stops listing an edge. Returns false if it is connected.
  func forget(_ node: NodeName) -> Bool { links.forget(node) }

  /// Sends scores to all edges that may get them.
  func publish(_ flush: ScoreFlush) {
    links.publish(flush, hubStampMicroseconds: MonotonicClock.wallMicroseconds())
  }

  /// Sends events of topics to the edges that want them.
  func publish(_ events: [TopicEvent]) { links.publish(events) }

  /// Tells all edges whether messages arrive from Redis.
  func publish(_ status: FeedStatus) { links.publish(status) }

  /// Requires a snapshot for each edge, because further messages would make no sense without one.
  func requireSnapshots() { links.requireSnapshots() }

  /// Sends the totals to the edges that need them.
  func publishSnapshot(of table: ScoreTable) { links.publishSnapshot(of: table) }

  /// Sends the answer to a query.
  func answer(_ asked: AskedQuery, _ messages: [Message]) { count(links.answer(asked, messages), of: asked) }

  /// Sends an edge that its query has no answer.
  func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) { count(links.refuse(asked, outcome), of: asked) }

  private func count(_ outcome: QueryOutcome?, of asked: AskedQuery) {
    if let outcome { counters.queryAnswered(asked.query.question, outcome) }
  }

  /// The hub is shutting down: deletes the edges' states from Redis, and ends all links.
  func shutDown() {
    isShuttingDown = true
    delegate?.edgeFleetShrank(self)
    for link in links.all { link.shutDown(retryAfterMilliseconds: Int.random(in: 0...500, using: &random)) }
  }

  // MARK: Links

  func edgeLink(_ link: EdgeLinkDriver, greetedBy hello: Hello, welcome: Welcome) {
    guard let delegate else { return }
    let table = delegate.table
    guard
      links.greeted(
        link, by: hello, from: link.address, welcome, table: table, status: delegate.feedStatus)
    else { return }
    counters.linkWelcomed()
    if hello.lastLineage == table.lineage, hello.lastPosition > table.position {
      logger.warning(
        "an edge was sent more than Redis holds: Redis came back from an older state, or its feeder sends two commands; the edge will find out",
        metadata: [
          "edge": "\(hello.node)", "told": "\(hello.lastPosition)", "held": "\(table.position)",
        ])
    }
    logger.info(
      "an edge has joined",
      metadata: [
        "edge": "\(hello.node)", "address": "\(link.address)", "version": "\(hello.softwareVersion)",
      ])
  }

  func edgeLink(_ link: EdgeLinkDriver, changed interest: Interest) { links.changed(interest, of: link) }

  func edgeLink(_ link: EdgeLinkDriver, reported report: Report) {
    if let delegate { links.reported(report, by: link, at: delegate.table.flushedPosition) }
  }

  func edgeLink(_ link: EdgeLinkDriver, finished result: CommandResult) {
    if let retry = commands.answered(result, by: link) { send(retry) }
  }

  func edgeLink(_ link: EdgeLinkDriver, asked query: Query) {
    delegate?.edgeFleet(self, asked: query, over: link.number)
  }

  func edgeLink(_ link: EdgeLinkDriver, refused query: Query) {
    link.send(query.answer(without: .unavailable))
    counters.queryAnswered(query.question, .unavailable)
  }

  func edgeLinkProgressed(_ link: EdgeLinkDriver) {
    if let delegate { links.progressed(link, table: delegate.table) }
  }

  func edgeLink(_ link: EdgeLinkDriver, _ machine: EdgeLink, ended reason: EdgeLinkEnd, detail: String) {
    let node = links.ended(link, because: reason)
    commands.linkEnded(link.number)
    counters.linkEnded(machine, reason)
    var metadata: Logger.Metadata = ["address": "\(link.address)", "reason": "\(reason)"]
    if !detail.isEmpty { metadata["detail"] = "\(detail)" }
    if let node {
      delegate?.edgeFleetShrank(self)
      metadata["edge"] = "\(node)"
    }
    logger.log(level: reason == .edgeShutDown ? .info : .warning, "an edge's link ended", metadata: metadata)
  }

  func edgeLink(_ link: EdgeLinkDriver, sent frameCount: Int, byteCount: Int) {
    counters.framesQueued(frameCount, bytes: byteCount)
  }

  func edgeLink(_ link: EdgeLinkDriver, received byteCount: Int) {
    counters.bytesReceived(byteCount)
  }

  func edgeLinkRefused(_ link: EdgeLinkDriver, because reason: DisconnectReason) {
    links.remove(link)
    counters.handshakeFailed()
    let peer = link.address.split(separator: ":").dropLast().joined(separator: ":")
    refusalLog.log("\(reason) from \(peer)", at: now) { suffix in
      logger.warning(
        "an edge was refused\(suffix)", metadata: ["address": "\(link.address)", "reason": "\(reason)"])
    }
  }
}
