import EdgeCore
import Primitives
import Reactor
import TLS
import Transport
import Wire

/// An edge without clients: its link to the hub, on which it does everything that the protocol asks of it.
final class LinkedEdge: ConnectionDelegate {
  private let endpoint: Endpoint
  private let name: ServerName
  private let context: TLSContext
  private let network: Network
  private let topics: [Topic]
  private var link: HubLink
  private var decoder = FrameDecoder(from: .hub)
  private var connection: Connection?
  private var timer: Deadline?
  private var random = SystemRandomNumberGenerator()
  /// The position that the hub sent last.
  private(set) var position: Position = 0
  private(set) var framesReceived: UInt64 = 0
  private(set) var bytesReceived: UInt64 = 0
  /// Why the link ended last; nil if it never did.
  private(set) var failure: String?

  init(
    _ node: NodeName, to endpoint: Endpoint, name: ServerName, context: TLSContext, topics: [Topic],
    on network: Network, softwareVersion: SoftwareVersion
  ) {
    self.endpoint = endpoint
    self.name = name
    self.context = context
    self.topics = topics
    self.network = network
    link = HubLink(node: node, softwareVersion: softwareVersion, now: network.loop.now)
    timer = Deadline(on: network.loop) { [weak self] in self?.timerFired() }
    timer?.set(link.deadline)
  }

  private var now: Instant { network.loop.now }

  /// Whether the hub has sent its welcome, and all totals.
  var isFresh: Bool { link.isFresh(at: now) }

  /// Ends the link.
  func close() {
    connection?.close()
    connection = nil
    timer?.set(nil)
  }

  private func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    connection?.send(writer.bytes)
  }

  private func timerFired() {
    switch link.timerTriggered(now: now) {
    case .none: break
    case .connect:
      connection = Connection(
        to: endpoint, on: network, security: .tlsClient(context, name), delegate: self)
    case .send(let ping, let reportIsDue):
      if let ping { send(.ping(ping)) }
      if reportIsDue { report() }
    case .disconnect(let reason): ended(reason)
    }
    timer?.set(link.deadline)
  }

  private func report() {
    var report = Report()
    report[.position] = position
    send(.report(report))
  }

  private func ended(_ reason: String) {
    failure = reason
    connection?.close()
    connection = nil
    _ = link.connectionClosed(now: now, random: &random)
    timer?.set(link.deadline)
  }

  // MARK: Connection

  func connectionOpened(_ connection: Connection) {
    decoder = FrameDecoder(from: .hub)
    send(.hello(link.connectionOpened(lineage: nil, position: 0, now: now)))
    timer?.set(link.deadline)
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard connection === self.connection else { return }
    bytesReceived += UInt64(bytes.count)
    decoder.append(bytes)
    do throws(WireError) {
      while connection === self.connection, let message = try decoder.next() {
        framesReceived += 1
        received(message)
      }
    } catch {
      ended("\(error)")
    }
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard connection === self.connection else { return }
    ended("\(reason)")
  }

  private func received(_ message: Message) {
    switch link.messageReceived(message, now: now) {
    case .none, .confirmInterest, .takeTicketKeys: break
    case .begin:
      for interest in Interest.parts(.replace, topics) { send(.interest(interest)) }
      if let ping = link.interestSent(now: now) { send(.ping(ping)) }
      report()
    case .reply(let pong): send(.pong(pong))
    case .deliver: merge(message)
    case .perform(let command):
      send(
        .commandResult(CommandResult(id: command.id, outcome: .refused, text: "This edge has no clients.")))
    case .disconnect(let reason): ended(reason)
    }
    timer?.set(link.deadline)
  }

  private func merge(_ message: Message) {
    switch message {
    case .snapshot(let snapshot): position = snapshot.position
    case .scores(let scores): position = max(position, scores.position)
    default: break
    }
  }
}
