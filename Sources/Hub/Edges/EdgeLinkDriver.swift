import HubCore
import Primitives
import Reactor
import TLS
import Transport
import Wire

/// The receiver of an edge link's events.
protocol EdgeLinkDelegate: AnyObject {
  /// The edge sent its hello. The delegate decides whether to accept the edge, and then sends the welcome.
  func edgeLink(_ link: EdgeLinkDriver, greetedBy hello: Hello, welcome: Welcome)
  /// The edge's interest has changed.
  func edgeLink(_ link: EdgeLinkDriver, changed interest: Interest)
  /// The edge sent a report.
  func edgeLink(_ link: EdgeLinkDriver, reported report: Report)
  /// The edge performed or refused a command.
  func edgeLink(_ link: EdgeLinkDriver, finished result: CommandResult)
  /// The edge sent a query.
  func edgeLink(_ link: EdgeLinkDriver, asked query: Query)
  /// The edge sent a query, but too many of its queries wait already.
  func edgeLink(_ link: EdgeLinkDriver, refused query: Query)
  /// The connection accepted bytes.
  func edgeLinkProgressed(_ link: EdgeLinkDriver)
  /// The link has ended.
  func edgeLink(_ link: EdgeLinkDriver, _ machine: EdgeLink, ended reason: EdgeLinkEnd, detail: String)
  /// Frames were queued for the edge.
  func edgeLink(_ link: EdgeLinkDriver, sent frameCount: Int, byteCount: Int)
  /// The edge sent bytes.
  func edgeLink(_ link: EdgeLinkDriver, received byteCount: Int)
  /// The link could not be established.
  func edgeLinkRefused(_ link: EdgeLinkDriver, because reason: DisconnectReason)
}

/// Owns the connection of one edge, and performs what its ``HubCore/EdgeLink`` decides.
final class EdgeLinkDriver: EdgeChannel, ConnectionDelegate {
  /// The hub's number for the link.
  let number: Int
  let address: String
  private let network: Network
  private let terms: LinkLimits
  private weak var delegate: (any EdgeLinkDelegate)?
  private var connection: Connection?
  private var decoder = FrameDecoder(from: .edge)
  private var timer: Deadline?
  private var detail = ""
  /// The machine; nil until the handshake is complete.
  var machine: EdgeLink?

  init(
    number: Int, terms: LinkLimits, accepted descriptor: consuming FileDescriptor,
    from address: SocketAddress?,
    on network: Network, security: Security, delegate: any EdgeLinkDelegate
  ) {
    self.number = number
    self.terms = terms
    self.network = network
    self.delegate = delegate
    self.address = address?.description ?? "unknown"
    timer = Deadline(on: network.loop) { [weak self] in self?.timerFired() }
    connection = Connection(
      accepted: descriptor, from: address, on: network, security: security, delegate: self)
  }

  /// The number of bytes sent to the edge.
  var bytesSent: UInt64 { connection?.bytesSent ?? 0 }
  /// The number of bytes received from the edge.
  var bytesReceived: UInt64 { connection?.bytesReceived ?? 0 }

  /// Whether the edge's certificate has been revoked since it was accepted.
  func isRevoked(by context: TLSContext) -> Bool {
    connection?.peerCertificate.map(context.revoked.contains) ?? false
  }

  var now: Instant { network.loop.now }
  var backlog: Int { connection?.backlog ?? 0 }

  func armTimer() { timer?.set(machine?.deadline) }

  // MARK: Ending

  /// Ends a link that has no hello yet, because there are too many of them.
  func giveWay() {
    guard machine == nil else { return displace(.tooManyEdges) }
    connection?.close()
    connection = nil
    delegate?.edgeLinkRefused(self, because: .displaced)
  }

  /// The hub is shutting down.
  func shutDown(retryAfterMilliseconds: Int) {
    if let closure = machine?.hubShutDown(retryAfterMilliseconds: retryAfterMilliseconds, now: now) {
      close(closure)
    } else {
      connection?.close()
    }
  }

  func transmit(_ bytes: [UInt8]) {
    connection?.send(bytes)
    delegate?.edgeLink(self, sent: Self.frameCount(of: bytes), byteCount: bytes.count)
  }

  // MARK: The machine's actions

  private func timerFired() {
    guard let action = machine?.timerTriggered(now: now) else { return }
    switch action {
    case .ignore: break
    case .ping(let ping): send(.ping(ping))
    case .close(let closure): close(closure)
    case .disconnect:
      connection?.close()
      ended()
    }
    armTimer()
  }

  func close(_ closure: EdgeLink.Closure) {
    if let farewell = closure.farewell {
      detail = farewell.text
      transmit([.goAway(farewell)].encoded)
    }
    connection?.finish(within: terms.closingMaximum)
    ended()
  }

  private func ended() {
    guard let machine else { return }
    var last = machine
    let reason = last.connectionClosed(now: now)
    self.machine = nil
    timer?.set(nil)
    delegate?.edgeLink(self, last, ended: reason, detail: detail)
  }

  private func handle(_ message: Message) {
    guard let action = machine?.messageReceived(message, now: now) else { return }
    switch action {
    case .ignore: break
    case .welcome(let hello, let welcome): delegate?.edgeLink(self, greetedBy: hello, welcome: welcome)
    case .send(let message): send(message)
    case .changeInterest(let interest): delegate?.edgeLink(self, changed: interest)
    case .recordReport(let report): delegate?.edgeLink(self, reported: report)
    case .answer(let query): delegate?.edgeLink(self, asked: query)
    case .refuseQuery(let query): delegate?.edgeLink(self, refused: query)
    case .finishCommand(let result): delegate?.edgeLink(self, finished: result)
    case .close(let closure):
      if case .goAway(let goAway) = message { detail = goAway.text }
      close(closure)
    }
  }

  // MARK: Connection

  func connectionOpened(_ connection: Connection) {
    let names = connection.peerCertificate?.names ?? []
    machine = EdgeLink(terms: terms, peerNames: names, now: now)
    armTimer()
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    // After the end no bytes are decoded, so none may be kept.
    guard machine != nil else { return }
    machine?.bytesReceived(now: now)
    delegate?.edgeLink(self, received: bytes.count)
    decoder.append(bytes)
    do throws(WireError) {
      while machine != nil, let message = try decoder.next() { handle(message) }
    } catch {
      if let closure = machine?.decodingFailed(error, now: now) { close(closure) }
    }
  }

  func connectionProgressed(_ connection: Connection) {
    if machine != nil { delegate?.edgeLinkProgressed(self) }
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    self.connection = nil
    if machine == nil {
      delegate?.edgeLinkRefused(self, because: reason)
    } else {
      detail = "\(reason)"
      ended()
    }
  }
}
