import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// The edges: their links, what is known of each, what they are told to do.
///
/// Scores and events come in by the methods that publish. What an edge asks goes out to the delegate.
final class EdgeFleet: EdgeLinkDelegate {
  private let configuration: HubConfiguration
  private let terms: EdgeLinkTerms
  private let network: Network
  private let logger: Logger
  private let linksMaximum: Int
  private let links = EdgeLinks()
  private let commands: EdgeCommands
  private var registry: EdgeRegistry
  private var refusalLog = LogLimiter()
  /// What was counted.
  private(set) var counters = LinkCounters()
  /// True once the hub is shutting down.
  private(set) var isShuttingDown = false
  /// The owner of the scores.
  weak var delegate: (any EdgeFleetDelegate)?

  init(
    _ configuration: HubConfiguration, terms: EdgeLinkTerms, on network: Network, logger: Logger
  ) {
    self.configuration = configuration
    self.terms = terms
    self.network = network
    self.logger = logger
    let edgesMaximum = configuration.settings.edgesMaximum
    // Those that have not said who they are count too: a flood of them must not take all descriptors.
    linksMaximum = edgesMaximum * 2
    registry = EdgeRegistry(linksMaximum: edgesMaximum)
    commands = EdgeCommands(loop: network.loop, logger: logger)
  }

  private var now: Instant { network.loop.now }

  /// Takes a connection of an edge.
  func accepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) {
    guard links.count < linksMaximum else { return }
    links.add(
      EdgeLinkDriver(
        number: links.takeNumber(), terms: terms, accepted: descriptor, from: address, on: network,
        security: .tlsServer(configuration.linkContext), delegate: self))
  }

  // MARK: What is known of the edges

  /// What is known of each edge, in the order of their names.
  var records: [EdgeRegistry.Record] { registry.records }

  /// The edges as they are shown.
  var edges: [HubStatus.Edge] {
    registry.records.map { record in
      HubStatus.Edge(
        record: record, link: record.link.flatMap { links[$0]?.machine },
        topicCount: record.link.map { links.topicCount(of: $0) } ?? 0)
    }
  }

  /// Which edges want what.
  var interest: AdminView.Interest { links.interestView(linkCount: registry.linkCount) }

  /// Links that took the place of another one of the same edge.
  var replacements: UInt64 { registry.replacements }

  /// What Redis is told of the edges that are there.
  func nodeStatuses(unixSeconds: Int64) -> [FeedMachine.NodeStatus] {
    guard !isShuttingDown else { return [] }
    return registry.records.filter { $0.link != nil }.map {
      .init(node: $0.node, json: $0.nodeStatusJSON(unixSeconds: unixSeconds))
    }
  }

  /// A second has passed.
  func secondPassed() {
    for change in registry.timerTriggered(now: now) {
      switch change {
      case .lost(let node): logger.warning("an edge no longer reports", metadata: ["edge": "\(node)"])
      case .forgotten(let node): logger.info("an edge is gone", metadata: ["edge": "\(node)"])
      }
    }
    logger.leftOut(refusalLog.timerTriggered(now: now))
  }

  // MARK: What edges are told

  /// Tells an edge to do something; the answer follows when the edge has answered, or has not in time.
  func send(_ command: EdgeCommand, _ answer: @escaping (Response) -> Void) {
    send(EdgeCommands.Order(command: command, answer: answer))
  }

  private func send(_ order: EdgeCommands.Order) {
    guard let number = registry[order.command.node]?.link, let link = links[number], link.node != nil else {
      return order.answer(order.command.absence)
    }
    commands.send(order, over: link)
  }

  /// Shows an edge no more; false if it is connected.
  func forget(_ node: NodeName) -> Bool { registry.forget(node) }

  /// Sends scores to all edges that may have them.
  func publish(_ flush: ScoreFlush) { links.publish(flush) }

  /// Sends events of topics to the edges that want them.
  func publish(_ events: [TopicEvent]) { links.publish(events) }

  /// Tells all edges whether messages come.
  func publish(_ status: FeedStatus) { links.publish(status) }

  /// Nothing that follows makes sense to an edge before a snapshot.
  func requireSnapshots() { links.requireSnapshots() }

  /// Sends the totals to the edges that need them.
  func publishSnapshot(of table: ScoreTable) { links.publishSnapshot(of: table) }

  /// Answers what an edge asked.
  func answer(_ asked: AskedQuery, _ messages: [Message]) {
    guard let link = links[asked.link] else { return }
    guard link.answer(EdgeLinkDriver.encoded(messages)) else { return refuse(asked, .unavailable) }
    counters.queryAnswered(asked.query.question, .answered)
  }

  /// Says that there is no answer.
  func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) {
    guard let link = links[asked.link] else { return }
    link.refuse(asked.query, outcome)
    counters.queryAnswered(asked.query.question, outcome)
  }

  /// The hub is shutting down: takes the edges out of Redis, and ends all links.
  func shutDown() {
    isShuttingDown = true
    delegate?.edgeFleetShrank(self)
    var random = SystemRandomNumberGenerator()
    links.shutDown(using: &random)
  }

  // MARK: Links

  func edgeLink(_ link: EdgeLinkDriver, greetedBy hello: Hello, welcome: Welcome) {
    guard let delegate else { return }
    switch registry.linkEstablished(link.number, by: hello, from: link.address, now: now) {
    case .refused: return link.displace(.tooManyEdges)
    case .replaced(let number): links[number]?.displace(.replaced)
    case .admitted: break
    }
    let table = delegate.table
    if hello.lastLineage == table.lineage, hello.lastPosition > table.position {
      logger.warning(
        "an edge was told more than Redis holds: Redis was set back, or its feeder sends two commands; the edge finds out",
        metadata: [
          "edge": "\(hello.node)", "told": "\(hello.lastPosition)", "held": "\(table.position)",
        ])
    }
    counters.linkWelcomed()
    link.send(.welcome(welcome))
    links.sendSnapshot(of: table, to: link)
    link.send(.feed(delegate.feedStatus))
    logger.info(
      "an edge has joined",
      metadata: [
        "edge": "\(hello.node)", "address": "\(link.address)", "version": "\(hello.softwareVersion)",
      ])
  }

  func edgeLink(_ link: EdgeLinkDriver, changed interest: Interest) {
    do throws(InterestError) {
      try links.change(interest, of: link.number)
    } catch {
      link.refuseInterest(error)
    }
  }

  func edgeLink(_ link: EdgeLinkDriver, reported report: Report) {
    guard let node = link.node, let delegate else { return }
    registry.reportReceived(
      report, of: node, by: link.number, at: delegate.table.flushedPosition, now: now)
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

  func edgeLinkNeedsSnapshot(_ link: EdgeLinkDriver) {
    guard let delegate else { return }
    links.sendSnapshot(of: delegate.table, to: link)
  }

  func edgeLink(_ link: EdgeLinkDriver, _ machine: EdgeLink, ended reason: EdgeLinkEnd, detail: String) {
    links.remove(link.number)
    commands.linkEnded(link.number)
    counters.linkEnded(machine, reason)
    var metadata: Logger.Metadata = ["address": "\(link.address)", "reason": "\(reason)"]
    if !detail.isEmpty { metadata["detail"] = "\(detail)" }
    if let node = registry.linkEnded(link.number, reason, now: now) {
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
    links.remove(link.number)
    counters.handshakeFailed()
    let peer = link.address.split(separator: ":").dropLast().joined(separator: ":")
    refusalLog.log("\(reason) from \(peer)", at: now) { suffix in
      logger.warning(
        "an edge was refused\(suffix)", metadata: ["address": "\(link.address)", "reason": "\(reason)"])
    }
  }
}
