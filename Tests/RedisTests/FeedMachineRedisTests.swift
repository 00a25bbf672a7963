import HubCore
import Primitives
import Redis
import TestSupport
import Testing
import Wire

@testable import Feeder

@Suite("FeedMachine with a real Redis")
struct FeedMachineRedisTests {
  private let server: RedisProcess
  private let administrator: BlockingConnection

  init() throws {
    server = try RedisProcess()
    administrator = try server.connect()
  }

  private func batch(_ count: Int, using random: inout SeededGenerator) -> [FeedItem] {
    (0..<count).map { _ in
      FeedItem(id: Array("ID-\(Int.random(in: 0..<40, using: &random))".utf8), json: Array("{}".utf8))
    }
  }

  private func totals() throws -> [ScoreID: UInt64] {
    guard
      case .array(let list?) = try administrator.call("ZRANGE", "emojitrack_score", "0", "-1", "WITHSCORES")
    else {
      return [:]
    }
    var totals: [ScoreID: UInt64] = [:]
    for index in stride(from: 0, to: list.count, by: 2) {
      guard case .bulk(let id?) = list[index], case .bulk(let total?) = list[index + 1] else { continue }
      totals[try ScoreID(id)] = UInt64(String(decoding: total, as: UTF8.self))
    }
    return totals
  }

  @Test("uses the feeder's keys and channels")
  func names() {
    let names = FeedNames()
    let script = FeedScript()
    #expect(script.scores == names.scores && script.scoreUpdates == names.scoreUpdates)
    #expect(script.tweetUpdatesPrefix == names.tweetUpdatesPrefix)
  }

  @Test("has exact totals with two other writers, and repairs the losses of a broken connection")
  func exactTotals() throws {
    var random = SeededGenerator(seed: 11)
    let writers = [try server.connect(), try server.connect()]
    let script = FeedScript()
    for _ in 0..<3 {
      _ = try administrator.call(script.command(for: batch(50, using: &random), form: .source))
    }

    let driver = try FeedDriver(server: server)
    var interruptions = 0
    for round in 0..<600 {
      for writer in writers {
        try writer.send(
          script.command(for: batch(Int.random(in: 1...9, using: &random), using: &random), form: .digest))
      }
      try driver.turn()
      if round % 7 == 0 { try driver.fence() }
      // A fence requested while another is under way is not begun: on a busy machine that would be most of them.
      if round % 28 == 0 {
        let count = driver.repairs.count
        try driver.turn { driver.repairs.count > count }
      }
      if round % 200 == 199 {
        #expect(try administrator.call("CLIENT", "KILL", "TYPE", "pubsub") == .integer(1))
        for writer in writers {
          try writer.send(script.command(for: batch(20, using: &random), form: .digest))
        }
        interruptions += 1
        try driver.turn { driver.status != .anchored }
        try driver.turn { driver.status == .anchored }
      }
      for writer in writers { while try writer.receive(withinMilliseconds: 0) != nil {} }
    }
    for writer in writers {
      try writer.send("PING")
      while try writer.receive() != .simpleString("PONG") {}
    }
    let truth = try totals()
    try driver.turn { driver.table == truth }

    // The first fence finds the initial totals; each further one finds only increments lost with a connection.
    #expect(driver.repairs.count > 20)
    #expect(driver.repairs.first.map { $0 >= 150 } == true)
    #expect(driver.repairs.dropFirst().count { $0 > 0 } <= interruptions)
    #expect(driver.rejectCount == 0 && driver.notices.isEmpty)
    #expect(driver.tweets.count > 1000)
  }

  @Test(
    "reads lists of tweets that end at the last tweet passed on, while others write",
    arguments: [true, false])
  func exactLists(mayPublish: Bool) throws {
    let rules = [
      "ACL", "SETUSER", "relay", "on", ">secret", "~*", "&*", "+@all", mayPublish ? "+publish" : "-publish",
    ]
    _ = try administrator.call(rules.map { Array($0.utf8) })
    var random = SeededGenerator(seed: 13)
    let writer = try server.connect()
    let script = FeedScript()
    _ = try administrator.call(script.command(for: batch(1, using: &random), form: .source))
    let driver = try FeedDriver(server: server, configuration: login(password: "secret"))
    try driver.turn { driver.status != nil }
    let topic = try #require(TopicID("A"))
    for round in 0..<50_000 where driver.lists.count < 50 {
      let items = (0..<Int.random(in: 1...5, using: &random)).map { item in
        FeedItem(id: Array("A".utf8), json: Array("\(round)/\(item)".utf8))
      }
      try writer.send(script.command(for: items, form: .digest))
      if round % 3 == 0 { try driver.listTweets(of: [topic]) }
      try driver.turn()
      while try writer.receive(withinMilliseconds: 0) != nil {}
    }
    #expect(driver.lists.count == 50)
    for (list, tweetCount) in driver.lists {
      let payloads = try #require(list.payloads)
      let passed = driver.tweets.prefix(tweetCount).map(\.payload).suffix(10)
      if mayPublish {
        #expect(payloads.suffix(passed.count) == passed)
      } else {
        // Without a transaction, the list may be ahead of the passed events, but has no tweet twice.
        #expect(Set(payloads).count == payloads.count)
      }
    }
    let isPlain = driver.notices.contains { if case .refused(.exactLists, _) = $0 { true } else { false } }
    #expect(isPlain == !mayPublish)
  }

  @Test("if two hubs find the same loss, one names the new lineage, and both use it")
  func oneName() throws {
    _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
    let drivers = try [4, 5].map { try FeedDriver(server: server, seed: $0) }
    for driver in drivers { try driver.turn { driver.lineage != nil } }
    let left = try #require(drivers[0].lineage)
    for driver in drivers { try driver.renew(leaving: left) }
    for driver in drivers { try driver.turn { driver.lineage != left } }
    #expect(drivers[0].lineage == drivers[1].lineage)
    #expect(drivers.allSatisfy { $0.notices.isEmpty })
  }

  @Test("renames totals unconditionally if Redis runs no script for it, and reports that")
  func nameWithoutScript() throws {
    let user = ["ACL", "SETUSER", "relay", "on", ">secret", "~*", "&*", "+@all", "-eval"]
    #expect(try administrator.call(user.map { Array($0.utf8) }) == .simpleString("OK"))
    _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
    let driver = try FeedDriver(server: server, configuration: login(password: "secret"))
    try driver.turn { driver.status == .anchored }
    let left = try #require(driver.lineage)
    try driver.renew(leaving: left)
    try driver.turn { driver.lineage != left }
    #expect(driver.status == .anchored)
    guard case .refused(.script, let refusal)? = driver.notices.first, driver.notices.count == 1 else {
      Issue.record("\(driver.notices)")
      return
    }
    #expect(refusal.isMissingRight && refusal.request == "EVAL emojitrack_relay_lineage")
  }

  @Test("treats a missing sorted set as a history without counts, and counts from there")
  func lateFeeder() throws {
    let driver = try FeedDriver(server: server, configuration: FeedConfiguration())
    try driver.turn { driver.status == .anchored }
    #expect(driver.repairs == [0] && driver.table.isEmpty)
    var random = SeededGenerator(seed: 12)
    _ = try administrator.call(FeedScript().command(for: batch(9, using: &random), form: .source))
    let truth = try totals()
    try driver.turn { driver.table == truth }
    #expect(driver.repairs == [0])
  }

  private func setUser(_ rules: [String]) throws {
    let words = ["ACL", "SETUSER", "relay", "on", ">secret"] + rules
    #expect(try administrator.call(words.map { Array($0.utf8) }) == .simpleString("OK"))
  }

  @Test("needs all of the documented rights, and no others")
  func rights() throws {
    var configuration = login(password: "secret")
    configuration.isInteractionEnabled = true
    configuration.timing.probeAfter = .milliseconds(20)
    let rules = FeedAccess(configuration).rules
    // A missing right is refused, and a superfluous right would be listed for nothing. Three are optional, or for
    // when another is refused.
    let needed = rules.filter {
      "+%~&".contains($0.prefix(1)) && !["+client|setname", "+discard", "+ping"].contains($0)
    }
    for lacking in [nil] + needed.map(Optional.some) {
      try setUser(rules.filter { $0 != lacking })
      _ = try administrator.call("FLUSHALL")
      _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
      let driver = try FeedDriver(server: server, configuration: configuration)
      try exercise(driver)
      var isRefused = !driver.notices.isEmpty
      if case .anchored = driver.status {} else { isRefused = true }
      #expect(
        isRefused == (lacking != nil), "\(lacking ?? "all"): \(driver.notices), \(driver.status as Any)")
    }
  }

  /// Makes a feed use every command, as far as it may.
  private func exercise(_ driver: FeedDriver) throws {
    try driver.turn { driver.status != nil }
    if let lineage = driver.lineage { try driver.renew(leaving: lineage) }
    let node = try #require(NodeName("edge-1"))
    try driver.publishNodeStatuses([FeedMachine.NodeStatus(node: node, json: Array("{}".utf8))])
    try driver.publishNodeStatuses([])
    try driver.listTweets(of: [try #require(TopicID("A"))])
    let end = ContinuousClock.now + .milliseconds(60)
    try driver.turn { ContinuousClock.now > end }
  }

  @Test("retries a refused subscription, and recovers from the loss of one")
  func grantedAndRevoked() throws {
    var configuration = login(password: "secret")
    configuration.timing.refusalInterval = .milliseconds(20)
    let rules = FeedAccess(configuration).rules
    let tweets = "&stream.tweet_updates.*"
    // A pattern that allows more is a different pattern.
    try setUser(rules.filter { $0 != tweets } + ["&stream.*"])
    _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
    let driver = try FeedDriver(server: server, configuration: configuration)
    try driver.turn { driver.status == .anchored }
    #expect(driver.refusals.keys.map { $0 } == [.tweets])
    #expect(driver.refusals[.tweets]?.isMissingRight == true)
    for _ in 0..<2 {
      try setUser(rules)
      try driver.turn { driver.refusals.isEmpty && driver.status == .anchored }
      let count = driver.tweets.count
      _ = try administrator.call("PUBLISH", "stream.tweet_updates.A", "{}")
      try driver.turn { driver.tweets.count == count + 1 }
      // Redis disconnects a subscriber that loses a right.
      try setUser(rules.filter { $0 != tweets })
      try driver.turn { driver.refusals[.tweets] != nil && driver.status == .anchored }
    }
    #expect(driver.notices.count == 5, "\(driver.notices)")
  }

  @Test(
    "if EXEC is renamed it is live without fences, reads lists, and keeps its connections",
    arguments: [["EXEC"], ["EXEC", "DISCARD"]])
  func withoutEXEC(commands: [String]) throws {
    let server = try RedisProcess(renaming: commands)
    let administrator = try server.connect()
    _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
    _ = try administrator.call("LPUSH", "emojitrack_tweets_A", "{}")
    var configuration = FeedConfiguration()
    configuration.timing.unanchoredFenceInterval = .milliseconds(20)
    configuration.timing.probeAfter = .milliseconds(30)
    let driver = try FeedDriver(server: server, configuration: configuration)
    let refusal = FeedRefusal(request: "EXEC", message: "ERR unknown command 'EXEC'")
    // If there is no other way out of the first transaction, the connections are opened again, once.
    try driver.turn {
      driver.connectionCount == commands.count && driver.status == .unanchored(.refused(refusal))
    }
    let node = try #require(NodeName("edge-1"))
    for round in 1...20 {
      try driver.listTweets(of: [try #require(TopicID("A"))])
      try driver.turn { driver.lists.count == round }
      try driver.publishNodeStatuses([FeedMachine.NodeStatus(node: node, json: Array("\(round)".utf8))])
      let end = ContinuousClock.now + .milliseconds(20)
      try driver.turn { ContinuousClock.now > end }
    }
    #expect(driver.lists.allSatisfy { $0.list.payloads == [Array("{}".utf8)] })
    #expect(
      try administrator.call("HGET", "admin_stream_status", "edge-1") == .bulk(Array("20".utf8)))
    #expect(driver.status == .unanchored(.refused(refusal)))
    #expect(driver.connectionCount == commands.count)
  }

  @Test(
    "names the right that is missing",
    arguments: [
      (["-publish"], "PUBLISH stream.relay_fence"), (["-zrange"], "ZRANGE emojitrack_score"),
      (["-get"], "GET emojitrack_relay_lineage"), (["-set"], "SET emojitrack_relay_lineage"),
      (["resetkeys", "~emojitrack_relay_lineage"], "ZRANGE emojitrack_score"),
      (
        ["resetchannels", "&stream.score_updates", "&stream.tweet_updates.*"], "SUBSCRIBE stream.relay_fence"
      ),
    ])
  func missingRight(rule: [String], request: String) throws {
    let user = ["ACL", "SETUSER", "relay", "on", ">secret", "~*", "&*", "+@all"] + rule
    #expect(try administrator.call(user.map { Array($0.utf8) }) == .simpleString("OK"))
    _ = try administrator.call("ZADD", "emojitrack_score", "5", "A")
    let driver = try FeedDriver(server: server, configuration: login(password: "secret"))
    try driver.turn { driver.status != nil }
    guard case .unanchored(.refused(let refusal)) = driver.status else {
      Issue.record("\(String(describing: driver.status))")
      return
    }
    #expect(refusal.request == request)
    #expect(refusal.isMissingRight)
  }

  @Test("reports a wrong password")
  func wrongPassword() throws {
    _ = try administrator.call("CONFIG", "SET", "requirepass", "right")
    let driver = try FeedDriver(server: server, configuration: login(password: "wrong", user: nil))
    try driver.turn { driver.status != nil }
    guard case .interrupted(.refused(let refusal)) = driver.status else {
      Issue.record("\(String(describing: driver.status))")
      return
    }
    #expect(refusal.request == "AUTH")
  }

  @Test("probes a silent connection with a message, or with PING if it may not publish")
  func probes() throws {
    for rule in ["+publish", "-publish"] {
      let user = ["ACL", "SETUSER", "relay", "on", ">secret", "~*", "&*", "+@all", rule]
      _ = try administrator.call(user.map { Array($0.utf8) })
      var configuration = login(password: "secret")
      configuration.timing.probeAfter = .milliseconds(10)
      configuration.timing.probeTimeout = .seconds(2)
      let driver = try FeedDriver(server: server, configuration: configuration)
      try driver.turn { driver.status != nil }
      let status = driver.status
      let end = ContinuousClock.now + .milliseconds(100)
      try driver.turn { ContinuousClock.now > end }
      #expect(driver.status == status)
      #expect(driver.notices.count == (rule == "-publish" ? 1 : 0))
    }
  }

  private func login(password: String, user: String? = "relay") -> FeedConfiguration {
    var configuration = FeedConfiguration()
    configuration.user = user
    configuration.password = password
    return configuration
  }
}
