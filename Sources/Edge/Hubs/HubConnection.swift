import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// The owner of the links to all hubs.
protocol HubConnectionDelegate: AnyObject {
  /// The place that the edge reports in its hello.
  var place: (lineage: Lineage?, position: Position) { get }
  /// The hub sent its welcome.
  func hubWelcomed(_ hub: HubConnection)
  /// The hub has received the edge's whole interest.
  func hubConfirmedInterest(_ hub: HubConnection)
  /// The hub sent a message for the merge.
  func hub(_ hub: HubConnection, sent message: Message)
  func hub(_ hub: HubConnection, commanded command: Command)
  /// The hub told the keys of session tickets that its edges share.
  func hub(_ hub: HubConnection, told keys: SharedTicketKeys)
  /// The hub's totals became those of Redis, or ceased to be.
  func hubFreshnessChanged(_ hub: HubConnection)
  func hubReportIsDue(_ hub: HubConnection)
  /// All messages of one read were delivered.
  func hubReceivedAll(_ hub: HubConnection)
  /// The link was lost, or could not be established.
  func hubLost(_ hub: HubConnection)
}

/// The link to one hub. It performs what its ``EdgeCore/HubLink`` decides.
final class HubConnection: ConnectionDelegate {
  /// The hub's address, and how to connect to it.
  struct Configuration: Sendable {
    let address: HostPort
    /// The name that the hub's certificate must have.
    let name: ServerName
    /// The edge's certificate, and the authority that it trusts.
    let credentials: LinkCredentials
  }

  /// The hub's index, from 0.
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

  /// The most bytes that may wait for a hub: twice the largest interest, of 65,536 topics. Pongs and results of commands
  /// are owed at any time, so a hub that asks on and on and reads nothing could take all of the edge's memory.
  private static let backlogMaximum = 8_388_608

  // MARK: For the owner

  func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    guard let connection else { return }
    connection.send(writer.bytes)
    if connection.backlog > Self.backlogMaximum {
      disconnect(because: "the hub does not read what it is sent")
    }
  }

  /// Sends the edge's interest, and asks the hub to confirm it.
  func send(_ interest: [Interest]) {
    guard !interest.isEmpty else { return }
    for message in interest { send(.interest(message)) }
    if let ping = link.interestSent(now: loop.now) { send(.ping(ping)) }
  }

  /// Checks whether the hub has been silent for too long to count as fresh.
  func updateHealth() {
    health.isLive = link.isLive
    health.roundTripMicroseconds = UInt64(max(0, (link.roundTrip ?? .zero).wholeNanoseconds / 1_000))
    guard link.isFresh(at: loop.now) != health.isFresh else { return }
    health.isFresh.toggle()
    delegate.hubFreshnessChanged(self)
  }

  /// Ends the link if the hub's certificate has been revoked since it was accepted.
  func checkRevocation() {
    guard let certificate = connection?.peerCertificate,
      configuration.credentials.current.revoked.contains(certificate)
    else { return }
    disconnect(because: "the certificate of \(certificate.holder) is revoked")
  }

  /// Ends the link once everything queued has been sent.
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
    updateHealth()
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
    case .takeTicketKeys(let keys): delegate.hub(self, told: keys)
    case .disconnect(let reason): disconnect(because: reason)
    }
    timer?.set(link.deadline)
    // At once and not with the next sweep, because the edge's readiness depends on it.
    updateHealth()
  }

  private func deliver(_ message: Message) {
    if case .gap(let gap) = message {
      health.gapsReceived += 1
      health.skippedByHub = health.skippedByHub.addingClamped(gap.skippedCount)
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
