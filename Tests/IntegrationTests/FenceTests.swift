import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("Fences while connected", .patient)
  struct FenceTests {
    private func options() -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.hubFlags = ["--fence-interval", "300ms"]
      return options
    }

    private func fences(_ deployment: Deployment) throws -> HubPage.Fences {
      try deployment.hub.page().scores.fences
    }

    private func waitForFences(_ count: UInt64, _ deployment: Deployment) throws {
      let goal = try fences(deployment).total + count
      try wait(for: "\(count) fences") { try fences(deployment).total >= goal }
    }

    @Test("A feeder that counts and publishes in two commands, in either order, is recognized and tolerated")
    func splitFeeder() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let lineage = try deployment.hub.page().scores.lineage

        try redis.command("ZINCRBY", "emojitrack_score", "1", "1F4C2")
        try waitForFences(2, deployment)
        try redis.publish("stream.score_updates", Array("1F4C2".utf8))
        try wait(for: "the explanation") { try fences(deployment).driftsExplained == 1 }
        try redis.publish("stream.score_updates", Array("2665".utf8))
        try waitForFences(2, deployment)
        try redis.command("ZINCRBY", "emojitrack_score", "1", "2665")
        try wait(for: "the other explanation") { try fences(deployment).driftsExplained == 2 }
        #expect(try fences(deployment).feederAtomic == false)
        #expect(deployment.hub.log.ranges(of: "as two commands").count == 1)

        for number in 0..<1_500 {
          let id = TweetFeed.ids[number % TweetFeed.ids.count]
          if number % 2 == 0 { try redis.command("ZINCRBY", "emojitrack_score", "1", id) }
          try redis.publish("stream.score_updates", Array(id.utf8))
          if number % 2 == 1 { try redis.command("ZINCRBY", "emojitrack_score", "1", id) }
        }
        try deployment.expectExactSums(of: [client], since: before)
        let page = try deployment.hub.page()
        #expect(page.scores.lineage == lineage)
        #expect(page.scores.fences.lineagesBegun == 1)
        #expect(page.redis.interruptions == 0)
      }
    }

    @Test("Increments counted without a message are repaired, once")
    func countedSilently() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        // In one step, so that no fence finds one without the other.
        let commands = ["MULTI", "ZINCRBY emojitrack_score 5 1F4C2", "ZADD emojitrack_score 2 NEW", "EXEC"]
        _ = try redis.pipeline(commands.map { $0.split(separator: " ").map { Array($0.utf8) } })
        try wait(for: "the repair", within: .seconds(5)) { client.sum == 7 }
        #expect(client.eventCount == 1)
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try fences(deployment).repairedWhileConnected == 7)
        let label = "emojitrack_hub_scores_repaired_total{when=\"connected\"}"
        #expect(try deployment.hub.metrics()[label] == 7)
      }
    }

    @Test(
      "A message without a count is taken back from clients with places; a plain stream cannot take it back")
    func publishedOnly() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let bookkeeper = try Bookkeeper(at: deployment.edges[0])
        try redis.publish("stream.score_updates", Array("1F4C2".utf8))
        try wait(for: "the correction", within: .seconds(5)) { try fences(deployment).overcounted == 1 }
        try redis.tweet(["1F4C2", "1F4C2"])
        try wait(for: "the growth") { client.sum == 3 }
        try bookkeeper.expect(["1F4C2": 1_002, "2665": 7])
        #expect(bookkeeper.ledger.resets == ["corrected": 1])
        #expect(try fences(deployment).lineagesBegun == 1)
      }
    }

    @Test("FLUSHALL during a live feed begins a new lineage, and sums go on from there")
    func flushed() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        try redis.tweet(["1F4C2"])
        try wait(for: "the first event") { client.sum == 1 }
        let lineage = try deployment.hub.page().scores.lineage
        try redis.command("FLUSHALL")
        try wait(for: "a new lineage") {
          let scores = try deployment.hub.page().scores
          return scores.anchored && scores.lineage != lineage && scores.position == 0
        }
        #expect(try deployment.hub.page().redis.unanchored == nil)
        try redis.tweet(["1F4C2"])
        try redis.tweet(["2665", "2665"])
        try wait(for: "the events after it") { client.sums["2665"] == 2 }
        #expect(try deployment.hub.page().scores.position == 3)
        #expect(!client.isEnded)
      }
    }

    @Test("A total set back during a live feed begins a new lineage at the next fence")
    func setBack() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let lineage = try deployment.hub.page().scores.lineage
        try redis.command("ZADD", "emojitrack_score", "5", "1F4C2")
        try wait(for: "a new lineage", within: .seconds(3)) {
          let scores = try deployment.hub.page().scores
          return scores.anchored && scores.lineage != lineage && scores.position == 12
        }
        try redis.tweet(["1F4C2"])
        try wait(for: "the events after it") { client.sums == ["1F4C2": 1] }
        #expect(deployment.hub.log.contains("the totals in Redis went backwards"))
      }
    }
  }

  @Suite("Redis's faults", .patient)
  struct RedisFaultTests {
    @Test("If a killed Redis returns with older data, the lost increments are taken back")
    func olderData() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        try redis.tweet(["1F4C2"])
        try redis.command("SAVE")
        try redis.tweet(["1F4C2", "1F4C2", "2665"])
        try wait(for: "the events") { client.sum == 4 }
        let lineage = try deployment.hub.page().scores.lineage
        try deployment.redis.restartWithOldData()
        try wait(for: "the totals of before") {
          let scores = try deployment.hub.page().scores
          return scores.anchored && scores.position == 1_008
        }
        #expect(try deployment.hub.page().scores.lineage == lineage)
        try deployment.redis.client().tweet(["2665"])
        try wait(for: "the event after it") { client.sum == 5 }
        #expect(!client.isEnded)
      }
    }

    @Test("A stopped Redis loses nothing")
    func sleeping() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redisFlags = ["--enable-debug-command", "yes"]
      options.hubFlags = ["--fence-interval", "300ms"]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(100)
        try redis.command("DEBUG", "SLEEP", "2")
        try feed.waitForMore(300)
        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try deployment.hub.page().scores.fences.lineagesBegun == 1)
      }
    }

    @Test("A hub that Redis disconnects because it reads too slowly reconnects, and sums are exact")
    func outputBufferLimit() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redisFlags = ["--client-output-buffer-limit", "pubsub 1mb 0 0"]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        deployment.hub.process?.signal(SIGSTOP)
        let payload = String(repeating: "p", count: 60_000)
        try wait(for: "the disconnection", within: .seconds(30)) {
          try redis.tweet(Array(repeating: "1F4C2", count: 20), payload: payload)
          return deployment.redis.log.contains("overcoming of output buffer limits")
        }
        deployment.hub.process?.signal(SIGCONT)
        try wait(for: "the interruption") { try deployment.hub.page().redis.interruptions == 1 }
        try wait(for: "the hub") { deployment.hub.isReady }
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try deployment.hub.page().scores.fences.repairedAtReconnect > 0)
      }
    }

    @Test(
      "If a fence needs a right that the user lacks, it is named, and the hub streams what it receives",
      arguments: [
        ("-publish", "PUBLISH stream.relay_fence"), ("-zrange", "ZRANGE emojitrack_score"),
        ("-get", "GET emojitrack_relay_lineage"), ("-set", "SET emojitrack_relay_lineage"),
      ])
    func missingRight(rule: String, request: String) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.login = "relay:secret@"
      options.redisFlags = ["--user", "relay", "on", ">secret", "~*", "&*", "+@all", rule]
      try Deployment.run(options) { deployment in
        #expect(deployment.hub.log.contains("the Redis user lacks the right to \(request)"))
        let client = try deployment.edges[0].client("/subscribe/eps")
        try deployment.redis.client().tweet(["1F4C2", "2665"])
        try wait(for: "the sums") { client.sums == ["1F4C2": 1, "2665": 1] }
        let page = try deployment.hub.page()
        #expect(!page.scores.anchored)
        #expect(page.redis.unanchored == "right_missing")
        #expect(try deployment.hub.metrics()["emojitrack_hub_unanchored{reason=\"right_missing\"}"] == 1)
      }
    }

    @Test("After a wrong password the attempts become rarer, and it is logged once")
    func wrongPassword() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder, extra: ["--requirepass", "right"])
      let hub = try Hub(in: folder, redisURL: redis.url.replacing("redis://", with: "redis://:wrong@"))
      try hub.start()
      try wait(for: "the log line") { hub.log.contains("Redis refused AUTH") }
      let client = try redis.client()
      try client.command("AUTH", "right")
      func refusals() throws -> Int {
        let answer = try client.command("INFO", "errorstats")
        guard case .bulk(let text?) = answer else { return 0 }
        let line = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).first {
          $0.contains("WRONGPASS")
        }
        return line.flatMap { line in Int(line.split(separator: "=")[1].filter { $0.isNumber }) } ?? 0
      }
      try wait(for: "several attempts") { try refusals() >= 8 }
      #expect(hub.log.ranges(of: "Redis refused AUTH").count == 1)
      // 50 ms, 100 ms, 200 ms …, and two connections each time.
      letPass(.seconds(2))
      #expect(try refusals() < 24)
      #expect(!hub.isReady)
    }

    @Test("Keys and channels may have other names, if those can be told apart")
    func otherNames() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.hubFlags = [
        "--redis-key-scores", "a:score", "--redis-key-lineage", "a:lineage", "--redis-channel-scores",
        "a:scores",
        "--redis-channel-tweets", "a:tweets:", "--redis-channel-fence", "a:fence",
      ]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        try redis.command("ZADD", "a:score", "4", "1F4C2")
        try wait(for: "the totals") { try deployment.hub.page().scores.position == 4 }
        #expect(try deployment.hub.page().scores.anchored)
        try wait(for: "the totals at the edge") {
          try deployment.edges[0].metrics()["emojitrack_edge_position"] == 4
        }
        let scores = try deployment.edges[0].client("/subscribe/eps")
        let details = try deployment.edges[0].client("/subscribe/details/1F4C2")
        try deployment.waitForTopics(1, of: deployment.edges[0])
        try redis.command("ZINCRBY", "a:score", "1", "1F4C2")
        try redis.publish("a:scores", Array("1F4C2".utf8))
        try redis.publish("a:tweets:1F4C2", Array("{}".utf8))
        try wait(for: "the score") { scores.sum == 1 }
        try wait(for: "the tweet") { details.eventCount == 1 }
      }
      let hub = try Hub(
        in: TestRun.shared().newFolder(), redisURL: "redis://127.0.0.1:1",
        flags: ["--redis-channel-fence", "stream.score_updates"])
      try hub.start()
      #expect(try hub.process?.waitForEnd() != .exited(0))
      #expect(hub.log.contains("do not tell 'stream.score_updates' and 'stream.score_updates' apart"))
    }
  }
}
