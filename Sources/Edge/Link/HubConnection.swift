import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// Who holds the links to all hubs.
protocol HubConnectionDelegate: AnyObject {
  /// Where to say that the edge stands.
  var place: (lineage: Lineage?, position: Position) { get }
  /// The hub welcomed us.
  func hubWelcomed(_ hub: HubConnection)
  /// The hub has taken in what we are interested in.
  func hubConfirmedInterest(_ hub: HubConnection)
  /// The hub sent something to merge.
  func hub(_ hub: HubConnection, sent message: Message)
  func hub(_ hub: HubConnection, commanded command: Command)
  /// Whether its scores are those of Redis has changed.
  func hubFreshnessChanged(_ hub: HubConnection)
  func hubReportIsDue(_ hub: HubConnection)
  /// All that came in a read was told.
  func hubReceivedAll(_ hub: HubConnection)
  /// The link that was up is gone, or never came up.
  func hubLost(_ hub: HubConnection)
}

/// The link to one hub: does what its ``EdgeCore/HubLink`` decides.
final class HubConnection: ConnectionDelegate {
  /// Which hub, and how it is known.
  struct Configuration: Sendable {
    let address: HostPort
    /// The name that its certificate must bear.
    let name: ServerName
    /// What we show to it, and whom we trust.
    let credentials: LinkCredentials
  }

  /// Its place among the hubs, from 0 on.
  let index: Int
  let configuration: Configuration
  private(set) var link: HubLink
  private(set) var health = HubHealth()

  private let loop: EventLoop
  private let network: Network
  private let logger: Logger
  private unowned let delegate: any HubConnectionDelegate
  private var random = SystemRandomNumberGenerator()
  private var decoder = FrameDecoder(from: .hub)
  private var connection: Connection?
  private var timer: Deadline?
  private var failureLog = LogLimiter()

  init(
    _ index: Int, _ configuration: Configuration, link: HubLink, on network: Network, logger: Logger,
    delegate: any HubConnectionDelegate
  ) {
    self.index = index
    self.configuration = configuration
    self.link = link
    self.network = network
    self.logger = logger
    self.delegate = delegate
    loop = network.loop
    timer = Deadline(on: loop) { [weak self] in self?.timerFired() }
    timer?.set(link.deadline)
  }

  var isLive: Bool { link.isLive }

  // MARK: For the owner

  func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    connection?.send(writer.bytes)
  }

  /// Tells the hub of what we are interested in, and asks it to say when it knows.
  func tell(_ interest: [Interest]) {
    guard !interest.isEmpty else { return }
    for message in interest { send(.interest(message)) }
    if let ping = link.interestTold(now: loop.now) { send(.ping(ping)) }
  }

  /// Looks whether the hub has been silent for too long to be fresh.
  func look() {
    health.isLive = link.isLive
    health.roundTripMicroseconds = UInt64(max(0, (link.roundTrip ?? .zero).wholeNanoseconds / 1_000))
    guard link.isFresh(at: loop.now) != health.isFresh else { return }
    health.isFresh.toggle()
    delegate.hubFreshnessChanged(self)
  }

  /// Ends the link once everything is said.
  func finish() { connection?.finish() }

  // MARK: The link machine's actions

  private func timerFired() {
    switch link.timerTriggered(now: loop.now) {
    case .none: break
    case .connect: connect()
    case .send(let ping, let reportIsDue):
      if let ping { send(.ping(ping)) }
      if reportIsDue { delegate.hubReportIsDue(self) }
    case .disconnect(let reason): disconnect(because: reason)
    }
    timer?.set(link.deadline)
  }

  private func connect() {
    let address = configuration.address
    connection = Connection(
      to: .tcp(host: address.host, port: address.port), on: network,
      security: .tlsClient(configuration.credentials.current, configuration.name), delegate: self)
  }

  private func disconnect(because reason: String) {
    connection?.close()
    ended(because: reason)
  }

  private func ended(because reason: String) {
    let wasLive = link.isLive
    connection = nil
    let delay = link.connectionClosed(now: loop.now, random: &random)
    timer?.set(link.deadline)
    delegate.hubLost(self)
    look()
    let metadata: Logger.Metadata = [
      "hub": "\(configuration.address)", "reason": "\(reason)", "retry_ms": "\(delay.wholeMilliseconds)",
    ]
    if wasLive {
      logger.warning("link to the hub lost; clients stay connected", metadata: metadata)
    } else {
      failureLog.log(reason, at: loop.now) { suffix in
        logger.warning("no link to the hub\(suffix)", metadata: metadata)
      }
    }
  }

  // MARK: Connection

  func connectionOpened(_ connection: Connection) {
    decoder = FrameDecoder(from: .hub)
    let place = delegate.place
    let hello = link.connectionOpened(lineage: place.lineage, position: place.position, now: loop.now)
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
    delegate.hubReceivedAll(self)
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
    case .confirmInterest: delegate.hubConfirmedInterest(self)
    case .deliver: deliver(message)
    case .perform(let command): delegate.hub(self, commanded: command)
    case .disconnect(let reason): disconnect(because: reason)
    }
    timer?.set(link.deadline)
    // At once, and not with the next sweep: whether clients should come depends on it.
    look()
  }

  private func deliver(_ message: Message) {
    if case .gap(let gap) = message {
      health.gapsReceived += 1
      health.skippedByHub += gap.skippedRaw + gap.skippedTopicEvents
    }
    delegate.hub(self, sent: message)
  }

  private func begin() {
    health.connections += 1
    delegate.hubWelcomed(self)
    logger.info(
      "linked to the hub",
      metadata: ["hub": "\(link.hub?.description ?? "?")", "address": "\(configuration.address)"])
  }
}
