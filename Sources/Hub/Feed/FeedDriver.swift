import HubCore
import Logging
import Primitives
import Reactor
import Redis
import Transport
import Wire

/// The receiver of the feed's events.
protocol FeedDriverDelegate: AnyObject {
  /// A message arrived, in Redis's own order.
  func feedBrought(_ message: FeedMessage)
  /// The true totals at this place, before any further message. The verdict goes to ``FeedDriver/fenceJudged(_:)``.
  func feedFenced(_ totals: FenceTotals)
  /// A list of tweets that ``FeedDriver/listTweets(of:)`` asked for. It is valid now.
  func feedListed(_ list: TweetList)
  /// Messages have begun to arrive, or no longer arrive.
  func feedChanged(to state: FeedState)
}

enum FeedSource {
  /// One server.
  case server(RedisServer)
  /// The present master, which the sentinels name.
  case sentinels(RedisSentinels)

  init(_ url: RedisURL) throws {
    if let sentinels = try RedisSentinels(url) {
      self = .sentinels(sentinels)
    } else {
      self = .server(try RedisServer(url))
    }
  }
}

/// Owns the two connections to Redis, and performs what the ``HubCore/FeedMachine`` decides.
final class FeedDriver: RedisConnectionDelegate {
  /// The server; nil if sentinels name it.
  private let server: RedisServer?
  private var sentinel: SentinelDriver?
  /// Whether the sentinels are being asked for the server to connect to.
  private var awaitsMaster = false
  private let network: Network
  private let logger: Logger
  private var machine: FeedMachine
  private var connections: [FeedConnection: RedisConnection] = [:]
  private var random = SystemRandomNumberGenerator()
  private var timer: Deadline?
  weak var delegate: (any FeedDriverDelegate)?

  init(source: FeedSource, configuration: FeedConfiguration, network: Network, logger: Logger) {
    switch source {
    case .server(let server): self.server = server
    case .sentinels: server = nil
    }
    self.network = network
    self.logger = logger
    machine = FeedMachine(configuration: configuration)
    timer = Deadline(on: network.loop) { [weak self] in
      guard let self else { return }
      perform(machine.timerTriggered(now: now, using: &random))
    }
    if case .sentinels(let sentinels) = source {
      sentinel = SentinelDriver(sentinels, on: network) { [weak self] news in self?.sentinelSaid(news) }
    }
  }

  private var now: Instant { network.loop.now }

  /// What Redis refused at the last request.
  var refusals: [FeedFeature: FeedRefusal] { machine.refusals }

  /// Connects, and reconnects for as long as the process lives.
  func start() {
    perform(machine.start(now: now))
  }

  /// Reads the last tweets of some topics.
  func listTweets(of topics: some Sequence<TopicID>) {
    perform(machine.listTweets(of: topics, now: now, using: &random))
  }

  /// Reads the totals again, soon.
  func fenceSoon() {
    machine.fenceSoon(now: now)
    timer?.set(machine.deadline)
  }

  /// The totals of a fence were judged.
  func fenceJudged(_ verdict: FenceVerdict) {
    perform(machine.fenceJudged(verdict, now: now, using: &random))
  }

  /// Makes the other hubs of this Redis read the totals again.
  func announce() {
    perform(machine.announce(using: &random))
  }

  /// Writes the states of the edges into Redis, and deletes those of edges that are gone.
  func publishNodeStatuses(_ statuses: [FeedMachine.NodeStatus]) {
    perform(machine.nodeStatusesDue(statuses))
  }

  // MARK: Actions

  private func perform(_ actions: [FeedMachine.Action]) {
    for action in actions {
      switch action {
      case .connect: connect()
      case .disconnect: disconnect()
      case .send(let connection, let commands):
        for command in commands { connections[connection]?.send(command.arguments) }
      case .reconcile(let totals): delegate?.feedFenced(totals)
      case .report(let list): delegate?.feedListed(list)
      case .changeState(let state): delegate?.feedChanged(to: state)
      case .notify(let notice): log(notice)
      }
    }
    timer?.set(machine.deadline)
  }

  private func log(_ notice: FeedNotice) {
    switch notice {
    case .refused: logger.warning("\(notice)")
    case .granted: logger.notice("\(notice)")
    }
  }

  private func connect() {
    if let server { return connect(to: server) }
    awaitsMaster = true
    sentinel?.resolve()
  }

  private func sentinelSaid(_ news: SentinelDriver.News) {
    switch news {
    case .found(let server):
      guard awaitsMaster else { return }
      awaitsMaster = false
      connect(to: server)
    case .failed(let reason):
      perform(machine.masterUnknown(reason: reason, now: now, using: &random))
    case .moved(let address):
      perform(machine.masterMoved(to: address, now: now, using: &random))
    }
  }

  private func connect(to server: RedisServer) {
    for name in FeedConnection.allCases {
      connections[name] = RedisConnection(to: server, on: network, delegate: self)
    }
  }

  private func disconnect() {
    awaitsMaster = false
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  private func name(of connection: RedisConnection) -> FeedConnection? {
    connections.first { $0.value === connection }?.key
  }

  // MARK: Connections

  func redisConnectionOpened(_ connection: RedisConnection) {
    guard let name = name(of: connection) else { return }
    perform(machine.connectionEstablished(name, now: now))
  }

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    guard let name = name(of: connection) else { return }
    guard name == .subscription, let message = value.publishedMessage else {
      return perform(machine.replyReceived(FeedReply(value), on: name, now: now, using: &random))
    }
    switch machine.messageReceived(channel: message.channel, payload: message.payload, now: now) {
    case .pass(let message): delegate?.feedBrought(message)
    case .perform(let actions): perform(actions)
    }
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) {
    guard let name = name(of: connection) else { return }
    perform(machine.connectionClosed(name, reason: reason, now: now, using: &random))
  }
}

extension RedisURL {
  /// The configuration of the feed, apart from the server.
  func feedConfiguration(
    names: FeedNames, fenceInterval: Duration, isInteractionEnabled: Bool
  ) -> FeedConfiguration {
    var configuration = FeedConfiguration()
    configuration.names = names
    configuration.timing.fenceInterval = fenceInterval
    configuration.user = user
    configuration.password = password
    configuration.database = database
    configuration.isInteractionEnabled = isInteractionEnabled
    return configuration
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
