import HubCore
import Primitives
import Reactor
import Redis
import Transport

/// Owns the connection to a sentinel, and performs what the ``HubCore/SentinelMachine`` decides.
final class SentinelDriver: RedisConnectionDelegate {
  /// News about the master.
  enum News {
    /// The requested master.
    case found(RedisServer)
    /// No sentinel knows the requested master, for this reason.
    case failed(String)
    /// Another server has become the master.
    case moved(HostPort)
  }

  private let sentinels: RedisSentinels
  private let network: Network
  private let heard: (News) -> Void
  private var machine: SentinelMachine
  private var connection: RedisConnection?
  private var timer: Deadline?

  init(_ sentinels: RedisSentinels, on network: Network, heard: @escaping (News) -> Void) {
    self.sentinels = sentinels
    self.network = network
    self.heard = heard
    machine = SentinelMachine(
      sentinels: sentinels.addresses, master: sentinels.master, user: sentinels.user,
      password: sentinels.password)
    timer = Deadline(on: network.loop) { [weak self] in
      guard let self else { return }
      perform(machine.timerTriggered(isResolving: connection?.isResolving == true, now: now))
    }
  }

  private var now: Instant { network.loop.now }

  /// Requests the master's address.
  func resolve() {
    perform(machine.resolve(now: now))
  }

  private func perform(_ actions: [SentinelMachine.Action]) {
    for action in actions {
      switch action {
      case .connect(let index): connect(to: sentinels.addresses[index])
      case .disconnect: disconnect()
      case .send(let commands): for command in commands { connection?.send(command.arguments) }
      case .found(let address):
        do { heard(.found(try sentinels.server(at: address))) } catch { heard(.failed("\(error)")) }
      case .moved(let address): heard(.moved(address))
      case .failed(let reason): heard(.failed(reason))
      }
    }
    timer?.set(machine.deadline)
  }

  private func connect(to address: HostPort) {
    disconnect()
    do {
      connection = RedisConnection(to: try sentinels.server(at: address), on: network, delegate: self)
    } catch {
      perform(machine.connectionClosed(reason: "\(error)", now: now))
    }
  }

  private func disconnect() {
    connection?.close()
    connection = nil
  }

  // MARK: The connection

  func redisConnectionOpened(_ connection: RedisConnection) {
    guard connection === self.connection else { return }
    perform(machine.connectionEstablished(now: now))
  }

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    guard connection === self.connection else { return }
    if let message = value.publishedMessage {
      perform(machine.messageReceived(channel: message.channel, payload: message.payload, now: now))
    } else {
      perform(machine.replyReceived(FeedReply(value), now: now))
    }
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) {
    guard connection === self.connection else { return }
    perform(machine.connectionClosed(reason: reason, now: now))
  }
}
