import HubCore
import Redis
import Service

/// Asks Redis for every right that a hub needs, and changes nothing: subscriptions end with their connection, and so
/// does a transaction that is not executed. Redis checks the rights of each command when it is queued.
struct RedisCheck {
  /// What a missing right means for the hub.
  private enum Need {
    /// The hub cannot work.
    case all
    /// The hub cannot repair losses.
    case repair
    /// The hub works, but loses this.
    case loss(String)

    static func feature(_ feature: FeedFeature) -> Need { .loss(feature.loss) }
  }

  /// A command, and the need for it.
  private struct Right {
    let name: String
    let command: [String]
    let need: Need

    /// - Parameters:
    ///   - words: the command with its key or channel, which the report shows.
    ///   - more: further arguments.
    init(_ words: String..., more: [String] = [], need: Need) {
      name = words.joined(separator: " ")
      command = words + more
      self.need = need
    }

    init(_ name: String, command: [String], need: Need) {
      self.name = name
      self.command = command
      self.need = need
    }
  }

  let server: RedisServer
  /// The server's name in the report.
  let name: String
  let configuration: FeedConfiguration

  /// - Returns: the time of Redis's clock in seconds since 1970, if Redis reports it.
  func check(_ report: inout PreflightReport) throws -> Int64? {
    let first = try RedisExchange.send(login + [["HELLO"], ["TIME"]], to: server)
    if let failure = first.failure {
      report.fail(
        "redis.url", "\(name): \(failure)",
        remedy: "check that Redis runs there, can be reached from here, and has this name in DNS")
      return nil
    }
    report.ok("redis.url", "\(name) answers")
    for (command, answer) in zip(login, first.answers) {
      let isAUTH = command[0] == "AUTH"
      // The password must not be shown.
      let name = isAUTH ? "AUTH" : command.joined(separator: " ")
      judge(Right(name, command: command, need: .all), answer, &report)
      if case .error = answer { return nil }
    }
    checkCluster(first.answers[login.count], &report)
    try checkReading(&report)
    try judge(writing, behind: [["MULTI"]], &report)
    try judge(listening, &report)
    return Self.seconds(first.answers[login.count + 1])
  }

  private var login: [[String]] {
    var commands: [[String]] = []
    if let password = configuration.password {
      commands.append(["AUTH"] + (configuration.user.map { [$0] } ?? []) + [password])
    }
    if configuration.database != 0 { commands.append(["SELECT", "\(configuration.database)"]) }
    return commands
  }

  /// A fence is a transaction. Redis reports some faults, such as keys in two slots, only at its end.
  private func checkReading(_ report: inout PreflightReport) throws {
    let names = configuration.names
    let read = [["GET", names.lineage], ["ZRANGE", names.scores, "0", "0"]]
    try judge(
      [
        Right("ROLE", need: .feature(.role)),
        Right("ZRANGE", names.scores, more: ["0", "0"], need: .repair),
      ], &report)
    let answers = try answers(to: [["MULTI"]] + read + [["EXEC"]])
    var parts = answers
    if case .array(let results?)? = answers.last { parts += results }
    let isRefusal = { (answer: RESPValue) in if case .error = answer { true } else { false } }
    guard let answer = parts.first(where: isRefusal) ?? answers.last else { return }
    judge(Right("EXEC", need: .repair), answer, &report)
  }

  /// Commands that are queued in a transaction that is never executed.
  private var writing: [Right] {
    let names = configuration.names
    return [
      Right("SET", names.lineage, more: ["x", "NX"], need: .repair),
      Right("GET", names.lineage, need: .repair),
      Right(
        "EVAL \(names.lineage)", command: ["EVAL", "return 1", "1", names.lineage], need: .feature(.script)),
      Right("PUBLISH", names.fences, more: ["x"], need: .repair),
      Right("LRANGE", names.tweetsPrefix + "1F602", more: ["0", "0"], need: .feature(.tweetLists)),
      Right("HSET", names.nodeStatuses, more: ["x", "x"], need: .feature(.nodeStatuses)),
      Right("HDEL", names.nodeStatuses, more: ["x"], need: .feature(.nodeStatuses)),
    ]
  }

  private var listening: [Right] {
    [Right("DISCARD", need: .loss("a transaction that is refused costs a connection"))]
      + FeedSubscription.all(isInteractionEnabled: configuration.isInteractionEnabled).map { each in
        let words = each.words(configuration.names)
        return Right(
          words.joined(separator: " "), command: words, need: each.feature.map(Need.feature) ?? .all)
      }
  }

  private func checkCluster(_ hello: RESPValue, _ report: inout PreflightReport) {
    guard case .array(let parts?) = hello, let mode = parts.firstIndex(of: .bulk(Array("mode".utf8))),
      mode + 1 < parts.count, parts[mode + 1] == .bulk(Array("cluster".utf8))
    else { return }
    report.warn(
      "redis cluster", "this is a node of a cluster: messages of two nodes arrive in no defined order",
      remedy: "have the feeder write and publish at this node only")
  }

  // MARK: Questions and answers

  private func answers(to commands: [[String]]) throws -> [RESPValue] {
    let exchange = try RedisExchange.send(login + commands, to: server)
    let missing = RESPValue.error(exchange.failure ?? "no answer")
    let answers = exchange.answers.dropFirst(login.count)
    return answers + Array(repeating: missing, count: commands.count - answers.count)
  }

  private func judge(
    _ rights: [Right], behind beginning: [[String]] = [], _ report: inout PreflightReport
  ) throws {
    let answers = try answers(to: beginning + rights.map(\.command)).dropFirst(beginning.count)
    for (right, answer) in zip(rights, answers) { judge(right, answer, &report) }
  }

  private func judge(_ right: Right, _ answer: RESPValue, _ report: inout PreflightReport) {
    let subject = "redis \(right.name)"
    if case .error(let message) = answer, !FeedReply(answer).isWithoutTransaction {
      let refusal = FeedRefusal(request: right.name, message: message)
      let remedy =
        refusal.isMissingRight ? "grant it: see redis ACL" : refusal.remedy ?? "see Redis's message"
      let loss = "without it, \(FeedFeature.fences.loss)"
      switch right.need {
      case .all: report.fail(subject, refusal.message, remedy: remedy)
      case .repair where refusal.isMissingRight:
        report.warn(subject, "\(refusal.message); \(loss)", remedy: remedy)
      case .repair: report.fail(subject, "\(refusal.message); \(loss)", remedy: remedy)
      case .loss(let loss):
        report.warn(subject, "\(refusal.message); without it, \(loss)", remedy: remedy)
      }
      return
    }
    switch (right.name, answer) {
    case ("ROLE", .array(let parts?)) where parts.first != .bulk(Array("master".utf8)):
      report.fail(
        subject, "it is a replica, and the hub needs a master",
        remedy: "name the master, or the sentinels that know it: redis-sentinel://…")
    case ("ROLE", _): report.ok(subject, "it is a master")
    case (_, .array(let members?)) where right.command[0] == "ZRANGE" && members.isEmpty:
      report.warn(
        subject, "there are no totals yet; until there are, missed increments cannot be repaired",
        remedy: "check that the feeder writes to this key and database")
    default: report.ok(subject, "allowed")
    }
  }

  private static func seconds(_ time: RESPValue) -> Int64? {
    guard case .array(let parts?) = time, case .bulk(let bytes?)? = parts.first else { return nil }
    return Int64(String(decoding: bytes, as: UTF8.self))
  }
}
