import HubCore
import Primitives

/// One connection, on the side of Redis.
final class RedisClient {
  let end: End<RedisCargo>
  private unowned let redis: RedisModel
  private var channels: Set<String> = []
  private var prefixes: [String] = []
  private var transaction: [[String]]?
  var isMuted = false

  init(_ end: End<RedisCargo>, of redis: RedisModel) {
    self.end = end
    self.redis = redis
    end.onReceive = { [weak self] cargo in
      guard case .command(let command) = cargo else { return }
      self?.execute(command.arguments.map { String(decoding: $0, as: UTF8.self) })
    }
    end.onClose = { [weak self] _ in
      guard let self else { return }
      self.redis.clients.removeAll { $0 === self }
    }
  }

  var isSubscriber: Bool { !(channels.isEmpty && prefixes.isEmpty) }

  func isSubscribed(to channel: String) -> Bool {
    !isMuted && (channels.contains(channel) || prefixes.contains { channel.utf8.starts(with: $0.utf8) })
  }

  private func execute(_ arguments: [String]) {
    switch arguments[0] {
    case "MULTI":
      transaction = []
      answer(.status("OK"))
    case "EXEC":
      let commands = transaction ?? []
      transaction = nil
      answer(.list(commands.map(perform)))
    default:
      guard transaction != nil else { return answer(perform(arguments)) }
      transaction?.append(arguments)
      answer(.status("QUEUED"))
    }
  }

  private func answer(_ reply: FeedReply) {
    if !isMuted { end.send(.reply(reply)) }
  }

  private func perform(_ arguments: [String]) -> FeedReply {
    switch arguments[0] {
    case "SUBSCRIBE":
      channels.insert(arguments[1])
      return .list([])
    case "PSUBSCRIBE":
      prefixes.append(String(arguments[1].dropLast()))
      return .list([])
    case "SET":
      guard arguments.last != "NX" || redis.data.lineage == nil else { return .text(nil) }
      redis.setLineage(Array(arguments[2].utf8))
      return .status("OK")
    case "EVAL":
      // The hub's only script: names a history that has no name, or replaces a given name.
      guard redis.data.lineage.map({ $0 == Array(arguments[4].utf8) }) ?? true else { return .text(nil) }
      redis.setLineage(Array(arguments[5].utf8))
      return .status("OK")
    case "GET":
      return .text(redis.data.lineage)
    case "PUBLISH":
      redis.publish(arguments[1], Array(arguments[2].utf8))
      return .integer(1)
    case "ZRANGE":
      let members = redis.data.totals.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      return .list(members.flatMap { [.text($0.key.utf8), .text(Array("\($0.value)".utf8))] })
    case "LRANGE":
      return .list((redis.data.tweets[Array(arguments[1].utf8)] ?? []).map { .text($0) })
    case "CLIENT", "PING", "SELECT", "AUTH":
      return .status("OK")
    case "ROLE":
      return .list([.text(Array("master".utf8)), .integer(0), .list([])])
    default:
      redis.world.violated(
        "model", "the hub sent a command that the model of Redis does not know: \(arguments)")
      return .failure("ERR unknown command")
    }
  }
}
