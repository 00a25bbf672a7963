import EdgeCore
import HTTP
import Primitives
import Wire

/// Sizes and times of an edge, which differ from seed to seed.
struct EdgeOptions {
  var workerCount = 1
  /// How much is on its way on a link at a time.
  var linkWindow = 65_536
  var lagMaximum = Duration.seconds(10)
  /// How many bytes of a stream's entries are kept for clients that lag.
  var bufferMaximum = 16_384
  var interestLinger = Duration.seconds(2)
}

/// What a link's thread is told by its workers.
enum SimulatedLinkMessage {
  case joined(Topic)
  case left(Topic)
}

/// One life of an edge's process: the machines of `EdgeCore`, joined as `LinkDriver` and `Worker` join them.
final class SimulatedEdge {
  let name: String
  let world: World
  let network: Network
  let options: EdgeOptions
  let audit: Audit
  unowned let nodes: any NodeDirectory
  private(set) var links: [EdgeSideLink] = []
  private(set) var workers: [SimulatedWorker] = []
  private(set) var renderer = UpdateRenderer()
  private var stage: any MergeStage
  private var interest: InterestLedger
  let mailbox: Mailbox<SimulatedLinkMessage>
  private var turnIsScheduled = false
  private var isAlive = true
  private var accepted = 0

  init(
    _ name: String, hubs names: [String], network: Network, directory: any NodeDirectory,
    options: EdgeOptions,
    audit: Audit, stage: any MergeStage
  ) {
    self.name = name
    self.network = network
    self.options = options
    self.audit = audit
    self.stage = stage
    nodes = directory
    world = network.world
    interest = InterestLedger(linger: options.interestLinger)
    mailbox = Mailbox(world: world)
    mailbox.handler = { [weak self] messages in messages.forEach { self?.received($0) } }
    workers = (0..<options.workerCount).map { SimulatedWorker(number: $0, edge: self) }
    guard let node = NodeName(name), let version = SoftwareVersion("0") else { preconditionFailure("names") }
    links = names.map { EdgeSideLink(to: $0, node: node, version: version, edge: self) }
    sweep()
  }

  /// What is fit to receive clients.
  var isFresh: Bool { links.contains { $0.isFresh } }

  var report: Report {
    var report = Report()
    report[.position] = renderer.mirror.position
    return report
  }

  /// Takes a client, on one of the workers.
  func accept(_ end: End<[UInt8]>) {
    accepted += 1
    workers[accepted % workers.count].accept(end)
  }

  /// `kill -9`.
  func kill() {
    isAlive = false
    for link in links { link.vanish() }
    for worker in workers { worker.kill() }
    world.note(name, "killed at \(renderer.mirror.position)")
  }

  // MARK: Links

  func linkBegan(_ link: EdgeSideLink) {
    world.note(name, "linked to \(link.hub)")
    for message in interest.linkOpened() { link.send(.interest(message)) }
  }

  func linkEnded(_ link: EdgeSideLink, because reason: String) {
    world.note(name, "link to \(link.hub) ended: \(reason)")
    interest.linkClosed()
  }

  func deliver(_ message: Message, from link: EdgeSideLink) {
    renderer.receive(stage.received(message))
  }

  private func received(_ message: SimulatedLinkMessage) {
    guard isAlive else { return }
    switch message {
    case .joined(let topic): interest.clientJoined(topic)
    case .left(let topic): interest.clientLeft(topic, at: world.now)
    }
    for message in interest.takeAdded() { tellHubs(message) }
  }

  private func tellHubs(_ message: Interest) {
    for link in links { link.send(.interest(message)) }
  }

  // MARK: Turns

  /// A turn of the link's thread takes in what came within a short time.
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
    let updates = renderer.takeUpdates()
    audit.merged(updates, renderer.mirror, by: name)
    guard !updates.isEmpty else { return }
    for worker in workers { worker.mailbox.post(.updates(updates)) }
  }

  private func sweep() {
    guard isAlive else { return }
    for message in interest.takeExpired(at: world.now) { tellHubs(message) }
    world.scheduler.after(.seconds(1)) { [weak self] in self?.sweep() }
  }
}
