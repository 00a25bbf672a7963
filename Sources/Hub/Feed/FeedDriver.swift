import HubCore
import Logging
import Primitives
import Reactor
import Redis
import Transport

/// Who is told what Redis brings.
protocol FeedDriverDelegate: AnyObject {
  /// A message came, in Redis's own order.
  func feedBrought(_ message: FeedMessage)
  /// Before any further message: these are the true totals.
  func feedFenced(_ totals: FenceTotals)
  /// Messages come, or do not.
  func feedChanged(to state: FeedState)
}

/// Owns the two connections to Redis and does what the ``HubCore/FeedMachine`` decides.
final class FeedDriver: ConnectionDelegate {
  private final class Link {
    let connection: Connection
    var reader = RESPReader()
    init(_ connection: Connection) { self.connection = connection }
  }

  private let endpoint: Endpoint
  private let security: Security
  private let network: Network
  private let logger: Logger
  private var machine: FeedMachine
  private var links: [FeedConnection: Link] = [:]
  private var random = SystemRandomNumberGenerator()
  private var timer: Deadline?
  weak var delegate: (any FeedDriverDelegate)?

  init(
    endpoint: Endpoint, security: Security, configuration: FeedConfiguration, network: Network, logger: Logger
  ) {
    self.endpoint = endpoint
    self.security = security
    self.network = network
    self.logger = logger
    machine = FeedMachine(configuration: configuration)
    timer = Deadline(on: network.loop) { [weak self] in
      guard let self else { return }
      perform(machine.timerTriggered(now: now, using: &random))
    }
  }

  private var now: Instant { network.loop.now }

  /// Connects, and goes on for as long as the process lives.
  func start() {
    perform(machine.start(now: now))
  }

  /// The totals went backwards: gives their history a new name and reads them again.
  func renewLineage() {
    perform(machine.renewLineage(now: now, using: &random))
  }

  // MARK: Actions

  private func perform(_ actions: [FeedMachine.Action]) {
    for action in actions {
      switch action {
      case .connect: connect()
      case .disconnect: disconnect()
      case .send(let connection, let commands):
        for command in commands { links[connection]?.connection.send(RedisCommand.encode(command.arguments)) }
      case .adopt(let totals): delegate?.feedFenced(totals)
      case .changeState(let state): delegate?.feedChanged(to: state)
      case .notify(let notice): logger.warning("\(notice)")
      }
    }
    timer?.set(machine.deadline)
  }

  private func connect() {
    for name in FeedConnection.allCases {
      links[name] = Link(Connection(to: endpoint, on: network, security: security, delegate: self))
    }
  }

  private func disconnect() {
    for link in links.values { link.connection.close() }
    links = [:]
  }

  private func name(of connection: Connection) -> FeedConnection? {
    links.first { $0.value.connection === connection }?.key
  }

  // MARK: Connections

  func connectionOpened(_ connection: Connection) {
    guard let name = name(of: connection) else { return }
    perform(machine.connectionEstablished(name, now: now))
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard let name = name(of: connection), let link = links[name] else { return }
    do throws(RESPError) {
      try link.reader.feed(bytes)
      while connection.isAlive, let value = try link.reader.next() { received(value, on: name) }
    } catch {
      connection.close()
      ended(name, because: "\(error)")
    }
  }

  private func received(_ value: RESPValue, on name: FeedConnection) {
    guard name == .subscription, let message = value.publishedMessage else {
      return perform(machine.replyReceived(FeedReply(value), on: name, now: now, using: &random))
    }
    switch machine.messageReceived(channel: message.channel, payload: message.payload, now: now) {
    case .pass(let message): delegate?.feedBrought(message)
    case .perform(let actions): perform(actions)
    }
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard let name = name(of: connection) else { return }
    ended(name, because: "\(reason)")
  }

  private func ended(_ name: FeedConnection, because reason: String) {
    perform(machine.connectionClosed(name, reason: reason, now: now, using: &random))
  }
}

extension FeedReply {
  init(_ value: RESPValue) {
    self =
      switch value {
      case .simpleString(let text): .status(text)
      case .error(let text): .failure(text)
      case .integer(let number): .integer(number)
      case .bulk(let bytes): .text(bytes)
      case .array(let values): .list(values?.map(FeedReply.init))
      }
  }
}
