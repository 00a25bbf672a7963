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
  case joined(StreamKind)
  case left(StreamKind)
  case requested(OpeningClient, Subscription)
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
  var merge: HubMerge
  var renderer = UpdateRenderer()
  var desk = OpeningDesk()
  var openingBytes = SharedBytesLedger(limit: 1 << 20, countMinimum: 256)
  lazy var deskAlarm = Alarm(on: world.scheduler) { [weak self] in self?.scheduleTurnEnd() }
  let resumption: (Subscription) -> Subscription
  private var stage: any MergeStage
  private let bypassesMerge: (Message) -> Bool
  private(set) var interest: InterestLedger
  var repair = TweetRepair()
  var queries = HubQueries()
  var repairs: [UInt64: TopicID] = [:]
  var lastRepair: UInt64 = 0
  private var pacer: UpdatePacer
  private lazy var paceAlarm = Alarm(on: world.scheduler) { [weak self] in self?.pauseEnded() }
  private(set) var isFresh = false
  let mailbox: Mailbox<SimulatedLinkMessage>
  private var turnIsScheduled = false
  private var isAlive = true
  private var accepted = 0

  init(
    _ name: String, hubs names: [String], network: Network, directory: any NodeDirectory,
    options: EdgeOptions,
    audit: Audit, _ implementation: Implementation
  ) {
    self.name = name
    self.network = network
    self.options = options
    self.audit = audit
    stage = implementation.mergeStage()
    bypassesMerge = implementation.bypassesMerge
    resumption = implementation.resumption
    merge = HubMerge(hubCount: names.count)
    pacer = UpdatePacer(isNeeded: names.count > 1)
    nodes = directory
    world = network.world
    interest = InterestLedger(linger: options.interestLinger)
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
    pacer.tickIntervalChanged(to: link.machine.tickInterval)
    merge.linkOpened(to: link.index, now: world.now)
    link.tell(interest.linkOpened())
  }

  func linkEnded(_ link: EdgeSideLink, because reason: String) {
    world.note(name, "link to \(link.hub) ended: \(reason)")
    change { $0.linkClosed(to: link.index, now: world.now) }
    if !links.contains(where: \.machine.isLive) { interest.linkClosed() }
    for action in queries.linkClosed(to: link.index) { perform(action) }
  }

  func deliver(_ message: Message, from link: EdgeSideLink) {
    switch message {
    case .pastTotals, .order, .tweets:
      if let action = queries.answerReceived(message, from: link.index) { perform(action) }
    case _ where bypassesMerge(message): renderer.receive(message)
    default: change { $0.received(message, from: link.index, now: world.now) }
    }
  }

  func freshnessChanged(of link: EdgeSideLink) {
    change { $0.freshnessChanged(of: link.index, to: link.isFresh) }
    lookAtFreshness()
  }

  private func change(_ body: (inout HubMerge) -> Void) {
    let lineage = merge.lineage
    body(&merge)
    renderMerged()
    scheduleTurnEnd()
    if merge.lineage != lineage { lookAtFreshness() }
  }

  private func renderMerged() {
    for message in merge.takeMerged() {
      if case .snapshot(let part) = message {
        repair.snapshotCame(
          at: ResumeToken(lineage: part.lineage, position: part.position), behind: renderer.mirror.reached)
      }
      if case .topicEvent(let event) = message {
        render(repair.eventCame(event))
      } else {
        renderer.receive(stage.received(message))
      }
    }
  }

  func render(_ events: [TopicEvent]) {
    for event in events { renderer.receive(.topicEvent(event)) }
    if !events.isEmpty { scheduleTurnEnd() }
  }

  private func lookAtFreshness() {
    let isFresh = links.contains { $0.isFresh && merge.isFollowed($0.index) }
    guard isFresh != self.isFresh else { return }
    self.isFresh = isFresh
    if isFresh { outageEnded() } else { repair.outageBegan(at: renderer.mirror.reached) }
  }

  private func received(_ message: SimulatedLinkMessage) {
    guard isAlive else { return }
    switch message {
    case .joined(let kind):
      if let topic = kind.topic { interest.clientJoined(topic) }
      renderer.clientJoined(kind)
    case .left(let kind):
      if let topic = kind.topic { interest.clientLeft(topic, at: world.now) }
      renderer.clientLeft(kind)
    case .requested(let client, let subscription):
      desk.requested(client, subscription, now: world.now)
      scheduleTurnEnd()
    }
    let added = interest.takeAdded()
    guard !added.isEmpty else { return }
    merge.interestAdded()
    for link in links where link.machine.isLive { link.tell(added) }
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
    if renderer.hasUpdates {
      if pacer.updateCame(now: world.now) { broadcastUpdates() }
      paceAlarm.set(pacer.deadline)
    }
    openStreams()
  }

  private func pauseEnded() {
    guard isAlive else { return }
    pacer.timerTriggered(now: world.now)
    broadcastUpdates()
    openStreams()
  }

  private func broadcastUpdates() {
    let updates = renderer.takeUpdates()
    audit.merged(updates, renderer.mirror, by: name)
    post(updates)
  }

  /// All but the growth of scores, which keeps its pace.
  func broadcastEvents() {
    let updates = renderer.takeEvents()
    audit.checkTweets(updates, by: name)
    post(updates)
  }

  private func post(_ updates: [StreamUpdate]) {
    guard !updates.isEmpty else { return }
    for worker in workers { worker.mailbox.post(.updates(updates)) }
  }

  private func sweep() {
    guard isAlive else { return }
    let expired = interest.takeExpired(at: world.now)
    for link in links where link.machine.isLive { for message in expired { link.send(.interest(message)) } }
    for link in links { link.look() }
    renderer.age(at: world.now)
    desk.age(at: world.now)
    merge.timePassed(now: world.now)
    renderMerged()
    scheduleTurnEnd()
    world.scheduler.after(.seconds(1)) { [weak self] in self?.sweep() }
  }
}
