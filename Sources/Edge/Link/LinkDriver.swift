import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// Holds the link to the hub, keeps the totals, renders what is new once, and hands it to all workers.
///
/// It runs on a loop of its own, so that a burst from the hub is decoded and rendered while the workers write.
final class LinkDriver: ConnectionDelegate, TurnEndHandler {
  /// What it is started with.
  struct Configuration: Sendable {
    let hub: Endpoint
    /// The name that the hub's certificate must bear.
    let hubName: ServerName
    let node: NodeName
    let softwareVersion: SoftwareVersion
    let context: TLSContext
    let interestLinger: Duration
    let workerCount: Int
    let descriptorLimit: Int
  }

  static let sweepInterval = Duration.seconds(1)

  let loop: EventLoop
  let configuration: Configuration
  let mailboxes: Mailboxes
  /// The clients' TLS, whose files and keys this thread looks after.
  private let secure: SecureContext?
  let logger: Logger
  private let network: Network
  private var random = SystemRandomNumberGenerator()

  var link: HubLink
  var renderer = UpdateRenderer()
  var interest: InterestLedger
  /// Where clients wait for the first bytes of their streams.
  var desk = OpeningDesk()
  var deskTimer: Deadline?
  private var decoder = FrameDecoder(from: .hub)
  private var connection: Connection?
  private var timer: Deadline?
  private var turnIsScheduled = false
  var health = LinkHealth()
  private var failureLog = LogLimiter()
  let startedAt: Instant

  init(
    _ configuration: Configuration, mailboxes: Mailboxes, secure: SecureContext?, loop: EventLoop,
    logger: Logger
  ) throws {
    self.configuration = configuration
    self.secure = secure
    self.mailboxes = mailboxes
    self.loop = loop
    self.logger = logger
    startedAt = loop.now
    network = try Network(on: loop)
    link = HubLink(node: configuration.node, softwareVersion: configuration.softwareVersion, now: loop.now)
    interest = InterestLedger(linger: configuration.interestLinger)
    timer = Deadline(on: loop) { [weak self] in self?.timerFired() }
    timer?.set(link.deadline)
    deskTimer = Deadline(on: loop) { [weak self] in self?.scheduleTurnEnd() }
    try loop.receive(from: mailboxes.link) { [weak self] messages in
      for message in messages { self?.received(message) }
    }
    sweep()
    if let secure {
      look(after: secure)
      rotateTicketKeys(of: secure)
    }
  }

  /// The disk may be slow, and this thread may wait for it: its workers deliver meanwhile.
  private func look(after secure: SecureContext) {
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in
      guard let self else { return }
      secure.look(logger)
      look(after: secure)
    }
  }

  private func rotateTicketKeys(of secure: SecureContext) {
    loop.schedule(at: loop.now.advanced(by: TicketKeys.rotationPeriod)) { [weak self] in
      guard let self else { return }
      secure.rotateTicketKeys(logger)
      rotateTicketKeys(of: secure)
    }
  }

  // MARK: The link machine's actions

  private func timerFired() {
    switch link.timerTriggered(now: loop.now) {
    case .none: break
    case .connect: connect()
    case .send(let ping, let reportIsDue):
      if let ping { send(.ping(ping)) }
      if reportIsDue { mailboxes.collect(for: .link) }
    case .disconnect(let reason): disconnect(because: reason)
    }
    timer?.set(link.deadline)
  }

  private func connect() {
    connection = Connection(
      to: configuration.hub, on: network,
      security: .tlsClient(configuration.context, configuration.hubName), delegate: self)
  }

  private func disconnect(because reason: String) {
    connection?.close()
    ended(because: reason)
  }

  private func ended(because reason: String) {
    let wasLive = link.isLive
    connection = nil
    interest.linkClosed()
    desk.linkClosed(now: loop.now)
    scheduleTurnEnd()
    let delay = link.connectionClosed(now: loop.now, random: &random)
    timer?.set(link.deadline)
    tellHealth()
    let metadata: Logger.Metadata = [
      "hub": "\(configuration.hub)", "reason": "\(reason)", "retry_ms": "\(delay.wholeMilliseconds)",
    ]
    if wasLive {
      logger.warning("link to the hub lost; clients stay connected", metadata: metadata)
    } else {
      failureLog.log(reason, at: loop.now) { suffix in
        logger.warning("no link to the hub\(suffix)", metadata: metadata)
      }
    }
  }

  func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    connection?.send(writer.bytes)
  }

  // MARK: Connection

  func connectionOpened(_ connection: Connection) {
    decoder = FrameDecoder(from: .hub)
    let hello = link.connectionOpened(
      lineage: renderer.mirror.lineage, position: renderer.mirror.position, now: loop.now)
    send(.hello(hello))
    timer?.set(link.deadline)
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard connection === self.connection else { return }
    health.bytesReceived += UInt64(bytes.count)
    decoder.append(bytes)
    do throws(WireError) {
      while connection === self.connection, let message = try decoder.next() {
        health.framesReceived += 1
        handle(message)
      }
    } catch {
      send(.goAway(GoAway(reason: .protocolError, text: "\(error)")))
      connection.finish()
      ended(because: "\(error)")
    }
    scheduleTurnEnd()
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard connection === self.connection else { return }
    ended(because: "\(reason)")
  }

  private func handle(_ message: Message) {
    switch link.messageReceived(message, now: loop.now) {
    case .none: break
    case .begin: begin()
    case .reply(let pong): send(.pong(pong))
    case .deliver: deliver(message)
    case .perform(let command): perform(command)
    case .disconnect(let reason): disconnect(because: reason)
    }
    timer?.set(link.deadline)
    // At once, and not with the next sweep: whether clients should come depends on it.
    if link.isFresh(at: loop.now) != health.isFresh { tellHealth() }
  }

  private func begin() {
    health.connections += 1
    for message in interest.linkOpened() { send(.interest(message)) }
    mailboxes.collect(for: .link)
    logger.info(
      "linked to the hub",
      metadata: ["hub": "\(link.hub?.description ?? "?")", "address": "\(configuration.hub)"])
  }

  // MARK: The end of a turn

  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.callAtTurnEnd(self)
  }

  /// Everything that the hub sent in this turn becomes one update for the workers.
  func turnEnded() {
    turnIsScheduled = false
    broadcastUpdates()
    openStreams()
  }

  func broadcastUpdates() {
    let updates = renderer.takeUpdates()
    if !updates.isEmpty { mailboxes.broadcast(.updates(updates)) }
  }

  private func sweep() {
    for message in interest.takeExpired(at: loop.now) { send(.interest(message)) }
    tellHealth()
    renderer.age(at: loop.now)
    desk.age(at: loop.now)
    loop.schedule(at: loop.now.advanced(by: Self.sweepInterval)) { [weak self] in self?.sweep() }
  }

  private func tellHealth() {
    health.isLive = link.isLive
    health.isFresh = link.isFresh(at: loop.now)
    health.staleSince = health.isFresh ? nil : health.staleSince ?? loop.now
    health.position = renderer.mirror.position
    health.gapsReceived = renderer.gapsReceived
    health.skippedByHub = renderer.skippedByHub
    health.roundTripMicroseconds = UInt64(max(0, (link.roundTrip ?? .zero).wholeNanoseconds / 1000))
    health.topics = interest.count
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
    case .collected(let collection): report(collection)
    case .workerFinished: workerFinished()
    case .reload: secure?.reload(logger)
    case .shutDown: shutDown()
    }
    for message in interest.takeAdded() { send(.interest(message)) }
  }

  private var workersRunning: Int?

  private func shutDown() {
    guard workersRunning == nil else { return }
    workersRunning = configuration.workerCount
    send(.goAway(GoAway(reason: .shutdown)))
    mailboxes.broadcast(.shutDown)
  }

  private func workerFinished() {
    guard let running = workersRunning else { return }
    workersRunning = running - 1
    if running == 1 {
      connection?.finish()
      // The goAway leaves at the end of this turn.
      loop.schedule(at: loop.now.advanced(by: .milliseconds(20))) { [loop] in loop.stop() }
    }
  }
}
