import Foundation
import Primitives
import Reactor
import Redis

/// A client of Redis that waits for each answer.
final class RedisClient {
  /// Redis refused, or sent an unexpected reply.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let socket: BlockingSocket
  private var reader = RESPReader()

  init(_ address: SocketAddress) throws { socket = try BlockingSocket(address) }

  /// Sends commands in one write, and returns their replies.
  func pipeline(_ commands: [[[UInt8]]]) throws -> [RESPValue] {
    try socket.send(commands.flatMap { RedisCommand.encode($0) })
    var replies: [RESPValue] = []
    while replies.count < commands.count {
      if let reply = try reader.next() {
        if case .error(let message) = reply { throw Failure(description: message) }
        replies.append(reply)
      } else {
        let bytes = try socket.receive()
        guard !bytes.isEmpty else { throw Failure(description: "Redis closed the connection") }
        try reader.feed(bytes)
      }
    }
    return replies
  }

  @discardableResult
  func command(_ arguments: String...) throws -> RESPValue {
    try pipeline([arguments.map { Array($0.utf8) }])[0]
  }

  /// Publishes bytes unchanged.
  func publish(_ channel: String, _ payload: [UInt8]) throws {
    _ = try pipeline([[Array("PUBLISH".utf8), Array(channel.utf8), payload]])
  }

  /// The totals, by id.
  func totals() throws -> [ScoreID: UInt64] {
    guard case .array(let values?) = try command("ZRANGE", "emojitrack_score", "0", "-1", "WITHSCORES") else {
      throw Failure(description: "no totals")
    }
    var totals: [ScoreID: UInt64] = [:]
    for index in stride(from: 0, to: values.count, by: 2) {
      guard case .bulk(let id?) = values[index], case .bulk(let score?) = values[index + 1] else { continue }
      totals[try ScoreID(id)] = UInt64(String(decoding: score, as: UTF8.self))
    }
    return totals
  }

  /// A tweet in the form of feeders: all five commands, atomically.
  private static let script = """
    redis.call('ZINCRBY', 'emojitrack_score', 1, ARGV[1])
    redis.call('PUBLISH', 'stream.score_updates', ARGV[1])
    redis.call('LPUSH', 'emojitrack_tweets_' .. ARGV[1], ARGV[2])
    redis.call('LTRIM', 'emojitrack_tweets_' .. ARGV[1], 0, 9)
    redis.call('PUBLISH', 'stream.tweet_updates.' .. ARGV[1], ARGV[2])
    """

  /// Writes a tweet for each id.
  func tweet(_ ids: [String], payload: String = "{\"text\":\"…\"}") throws {
    let words = ["EVAL", Self.script, "0"].map { Array($0.utf8) }
    _ = try pipeline(ids.map { words + [Array($0.utf8), Array(payload.utf8)] })
  }
}

/// The growth of the totals.
func growth(from earlier: [ScoreID: UInt64], to later: [ScoreID: UInt64]) -> [ScoreID: UInt64] {
  later.reduce(into: [:]) { growth, entry in
    let amount = entry.value - min(entry.value, earlier[entry.key] ?? 0)
    if amount > 0 { growth[entry.key] = amount }
  }
}
