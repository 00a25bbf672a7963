import HubCore
import Primitives
import Reactor
import Redis
import Service
import Transport

/// Sends commands to Redis one after the other, over a connection of its own, and collects the replies.
///
/// A command after `MULTI` is sent only if `MULTI` succeeded, because outside of a transaction it would be executed.
final class RedisExchange: RedisConnectionDelegate {
  /// The replies so far, in the order of the commands. If `MULTI` is refused, its refusal is the reply to all
  /// commands after it.
  private(set) var answers: [RESPValue] = []
  /// Why there are no further replies; nil if each command has one.
  private(set) var failure: String?
  private let loop: EventLoop
  private let network: Network
  private let commands: [[String]]
  private var connection: RedisConnection?

  private init(_ commands: [[String]], server: RedisServer) throws {
    self.commands = commands
    loop = try EventLoop()
    network = try Network(on: loop)
    connection = RedisConnection(to: server, on: network, delegate: self)
    loop.run()
    connection?.close()
  }

  /// Sends the commands and waits for the replies, for at most 5 s once it is connected.
  static func send(_ commands: [[String]], to server: RedisServer) throws -> RedisExchange {
    try RedisExchange(commands, server: server)
  }

  private func end(_ failure: String?) {
    self.failure = self.failure ?? failure
    loop.stop()
  }

  func redisConnectionOpened(_ connection: RedisConnection) {
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in self?.end("no answer within 5 s") }
    askNext(on: connection)
  }

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    answers.append(value)
    if commands[answers.count - 1][0] == "MULTI", case .error = value {
      while answers.count < commands.count { answers.append(value) }
    }
    askNext(on: connection)
  }

  private func askNext(on connection: RedisConnection) {
    guard answers.count < commands.count else { return end(nil) }
    connection.send(commands[answers.count].map { Array($0.utf8) })
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) { end(reason) }
}
