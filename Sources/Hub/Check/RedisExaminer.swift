import HubCore
import Primitives
import Reactor
import Redis
import Service
import Transport

/// Sends Redis commands one after the other, over a connection of their own, and keeps the answers.
///
/// What stands behind `MULTI` is sent only inside a transaction: it may be what must not be executed.
final class RedisExaminer: RedisConnectionDelegate {
  /// The answers, in the order of the commands, as far as there are any. A refusal of `MULTI` counts for all that stands behind it.
  private(set) var answers: [RESPValue] = []
  /// Why there are no more answers; nil if there is one for each command.
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

  /// Sends the commands and waits for the answers, for 5 s at most once it is connected.
  static func send(_ commands: [[String]], to server: RedisServer) throws -> RedisExaminer {
    try RedisExaminer(commands, server: server)
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
