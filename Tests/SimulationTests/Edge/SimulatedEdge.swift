import HTTP
import Primitives
import Wire

@testable import EdgeCore

/// Sizes and times of an edge, which differ from seed to seed.
struct EdgeOptions {
  var workerCount = 1
  /// The most bytes in transit on a link.
  var linkWindow = 65_536
  var lagMaximum = Duration.seconds(10)
  /// How many bytes of a stream's entries are kept for clients that lag.
  var bufferMaximum = 16_384
  var interestLinger = Duration.seconds(2)
  /// The framing of clients' streams.
  var framing = BodyFraming.chunked
}

/// A message from a worker to the link's thread.
enum SimulatedLinkMessage {
  case joined(StreamKind)
  case left(StreamKind)
  case requested(OpeningClient, Subscription)
  case withdrawn(OpeningClient)
  case workerFinished
}

/// One life of an edge's process: the machines of `EdgeCore`, driven as `HubLinks` and `Worker` drive them.
final class SimulatedEdge {
  let name: String
  let world: World
  let network: Network
  let options: EdgeOptions
  let audit: Audit
  unowned let nodes: any NodeDirectory
  private(set) var links: [EdgeSideLink] = []
  private(set) var workers: [SimulatedWorker] = []
  private(set) var stream: EdgeStream
  var openingBytes = SharedBytesBudget(limit: 1 << 20, countMinimum: 256)
  /// The streaming clients of all workers.
  var places = ClientLimiter(limits: ClientLimits(clientsMaximum: 1000))
  var lifecycle: EdgeLifecycle
  /// Whether connections are accepted.
  var isListening = true
  var processEnded: (() -> Void)?
  var shedAsked = 0
  var shedDone = 0
  private lazy var paceAlarm = Alarm(on: world.scheduler) { [weak self] in self?.paceAlarmFired() }
  private lazy var openingAlarm = Alarm(on: world.scheduler) { [weak self] in self?.scheduleTurnEnd() }
  private(set) lazy var lifecycleAlarm = Alarm(on: world.scheduler) { [weak self] in
    self?.lifecycleTimerFired()
  }
  let mailbox: Mailbox<SimulatedLinkMessage>
  private var turnIsScheduled = false
  private(set) var isAlive = true
  private var accepted = 0

  init(
    _ name: String, hubs names: [String], network: Network, directory: any NodeDirectory,
    options: EdgeOptions, audit: Audit
  ) {
    self.name = name
    self.network = network
    self.options = options
    self.audit = audit
    stream = EdgeStream(hubCount: names.count, interestLinger: options.interestLinger)
    nodes = directory
    lifecycle = EdgeLifecycle(workerCount: options.workerCount)
    world = network.world
    mailbox = Mailbox(world: world)
    mailbox.handler = { [weak self] messages in messages.forEach { self?.received($0) } }
    workers = (0..<options.workerCount).map { SimulatedWorker(number: $0, edge: self) }
    guard let node = NodeName(name), let version = SoftwareVersion("0") else { preconditionFailure("names") }
    links = names.enumerated().map { index, hub in
      EdgeSideLink(index, to: hub, node: node, version: version, edge: self)
    }
    sweep()
  }

  var report: Report {
    var report = Report()
    report[.position] = stream.renderer.mirror.position
    return report
  }

  /// Accepts a client, on one of the workers.
  func accept(_ end: End<[UInt8]>, isSecure: Bool) {
    accepted += 1
    workers[accepted % workers.count].accept(end, isSecure: isSecure)
  }

  /// `kill -9`.
  func kill() {
    isAlive = false
    for link in links { link.vanish() }
    for worker in workers { worker.kill() }
    world.note(name, "killed at \(stream.renderer.mirror.position)")
  }

  // MARK: Links

  func linkBegan(_ link: EdgeSideLink) {
    world.note(name, "linked to \(link.hub)")
    perform(
      stream.linkOpened(
        to: link.index, version: link.machine.version, tickInterval: link.machine.tickInterval, now: world.now
      ))
  }

  func confirmedInterest(_ link: EdgeSideLink) { stream.interestConfirmed(by: link.index) }

  func linkEnded(_ link: EdgeSideLink, because reason: String) {
    world.note(name, "link to \(link.hub) ended: \(reason)")
    perform(stream.linkClosed(to: link.index, now: world.now))
  }

  func deliver(_ message: Message, from link: EdgeSideLink) {
    if case .tweets(let tweets) = message, stream.repairs[tweets.id] != nil, !tweets.payloads.isEmpty {
      world.happened(.tweetRepair)
    }
    perform(stream.received(message, from: link.index, now: world.now))
  }

  func freshnessChanged(of link: EdgeSideLink) {
    perform(stream.freshnessChanged(of: link.index, to: link.isFresh, now: world.now))
  }

  private func received(_ message: SimulatedLinkMessage) {
    guard isAlive else { return }
    switch message {
    case .joined(let kind): perform(stream.clientJoined(kind))
    case .left(let kind): stream.clientLeft(kind, now: world.now)
    case .requested(let client, let subscription):
      perform(stream.requested(client, subscription, now: world.now))
    case .withdrawn(let client): stream.withdrawn(client)
    case .workerFinished: workerFinished()
    }
  }

  // MARK: The stream's actions

  private func perform(_ actions: [EdgeStream.Action]) {
    for action in actions {
      switch action {
      case .update(let updates, _):
        audit.merged(updates, stream.renderer.mirror, by: name)
        post(updates)
      case .updateEvents(let updates, _):
        audit.checkTweets(updates, by: name)
        post(updates)
      case .open(let clients, let bytes):
        open(clients, with: openingBytes.share(options.framing.framed(bytes)))
      case .admit(let clients): admit(clients)
      case .send(let message, let hub):
        if case .query = message { world.happened(.question) }
        links[hub].send(message)
      case .sendInterest(let interest, let hub): links[hub].send(interest)
      case .endTurn: scheduleTurnEnd()
      case .leaveLineage(let lineage): world.note(name, "leaves \(lineage)")
      }
    }
  }

  private func post(_ updates: [StreamUpdate]) {
    for worker in workers { worker.mailbox.post(.updates(updates)) }
  }

  private func admit(_ clients: [OpeningClient]) {
    for worker in workers {
      let own = clients.filter { $0.worker == worker.number }
      if !own.isEmpty { worker.mailbox.post(.admitted(own)) }
    }
  }

  private func open(_ clients: [OpeningClient], with bytes: SharedBytes?) {
    for worker in workers {
      let own = clients.filter { $0.worker == worker.number }
      if !own.isEmpty { worker.mailbox.post(.opened(own, bytes)) }
    }
  }

  // MARK: Turns

  /// A turn of the link's thread handles the messages of a short time.
  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    world.scheduler.after(.microseconds(Int.random(in: 0...300, using: &world.random))) { [weak self] in
      self?.turnEnded()
    }
  }

  private func turnEnded() {
    turnIsScheduled = false
    guard isAlive else { return }
    handOver(stream.turnEnded(now: world.now))
  }

  private func paceAlarmFired() {
    guard isAlive else { return }
    handOver(stream.paceTimerTriggered(now: world.now))
  }

  private func handOver(_ actions: [EdgeStream.Action]) {
    perform(actions)
    paceAlarm.set(stream.paceDeadline)
    openingAlarm.set(stream.openingDeadline)
  }

  private func sweep() {
    guard isAlive else { return }
    for link in links { link.updateHealth() }
    checkPlaces()
    perform(stream.timePassed(now: world.now))
    world.scheduler.after(.seconds(1)) { [weak self] in self?.sweep() }
  }
}
