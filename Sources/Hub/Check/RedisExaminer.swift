import HubCore
import Primitives
import Reactor
import Redis
import Service
import Transport

/// Asks Redis for everything that a hub will need, and changes nothing: subscriptions end with their connection, and commands
/// that write stand in a transaction that is discarded. Redis judges the rights of each command as it is queued.
final class RedisExaminer: RedisConnectionDelegate {
  /// What is asked, and what it is for.
  struct Question {
    let name: String
    let arguments: [String]
    /// What is lost without the right; nil if a hub is of no use without it.
    var loss: String?
    /// False for what is part of the way to other questions.
    var isShown = true
    /// True if it must not be asked but within a transaction, for it would change something.
    var isQueued = false
  }

  /// What came of the questions, in their order, as far as they were answered.
  private(set) var answers: [RESPValue] = []
  /// Why there are no more answers; nil if all were given.
  private(set) var failure: String?
  private let loop: EventLoop
  private let network: Network
  private let questions: [Question]
  private var connection: RedisConnection?

  private init(_ questions: [Question], server: RedisServer) throws {
    self.questions = questions
    loop = try EventLoop()
    network = try Network(on: loop)
    connection = RedisConnection(to: server, on: network, delegate: self)
    loop.run()
    connection?.close()
  }

  /// Asks, one connection for all questions, and waits for the answers, for 5 s at most once it is connected.
  static func ask(_ questions: [Question], of server: RedisServer) throws -> RedisExaminer {
    try RedisExaminer(questions, server: server)
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
    if questions[answers.count - 1].arguments[0] == "MULTI", case .error = value {
      // What belongs into a transaction is not asked outside of one.
      while answers.count < questions.count, questions[answers.count].isQueued { answers.append(value) }
    }
    askNext(on: connection)
  }

  private func askNext(on connection: RedisConnection) {
    guard answers.count < questions.count else { return end(nil) }
    connection.send(questions[answers.count].arguments.map { Array($0.utf8) })
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) { end(reason) }
}
