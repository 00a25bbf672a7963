import Foundation
import Primitives
import Redis
import TestSupport
import Testing

extension IntegrationTests {
  /// The clients' totals are those in Redis, or they learn that theirs are void, with any feeder and after any
  /// loss.
  @Suite("Exact, or told")
  struct ExactnessTests {
    private func options(hubs: Int = 1, redisFlags: [String] = [], interval: String = "1h")
      -> Deployment.Options
    {
      var options = Deployment.Options(edgeCount: 2)
      options.hubCount = hubs
      options.redisFlags = redisFlags
      options.hubFlags = ["--fence-interval", interval]
      options.totals = ["X": 5, "Y": 5]
      return options
    }

    private func restartHubs(_ deployment: Deployment) throws {
      for hub in deployment.hubs { hub.kill() }
      for hub in deployment.hubs { try hub.start() }
      for hub in deployment.hubs { try hub.waitUntilReady() }
      for edge in deployment.edges { try edge.waitUntilReady() }
    }

    @Test(
      "A hub killed between a feeder's two commands, in either order, leaves no client wrong",
      arguments: [true, false])
    func killedBetween(totalFirst: Bool) throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": 5, "Y": 5])
        let lineage = client.ledger.lineages
        func count() throws { try redis.command("ZINCRBY", "emojitrack_score", "1", "X") }
        func publish() throws { try redis.command("PUBLISH", "stream.score_updates", "X") }
        try totalFirst ? count() : publish()
        try restartHubs(deployment)
        try totalFirst ? publish() : count()
        try restartHubs(deployment)
        try client.expect(["X": 6, "Y": 5])
        try redis.tweet(["Y", "Y"])
        try client.expect(["X": 6, "Y": 7])
        for edge in deployment.edges { edge.kill() }
        try deployment.edges[1].start()
        try deployment.edges[1].waitUntilReady()
        try client.move(to: deployment.edges[1])
        try redis.tweet(["X"])
        try client.expect(["X": 7, "Y": 7])
        #expect(client.ledger.lineages == lineage, "Redis lost nothing")
        #expect(client.ledger.resets["new_lineage"] == nil)
      }
    }

    @Test(
      "Excess from one of two hubs is taken back by one reset, once the other hub does not hold it either")
    func twoHubsOvercount() throws {
      try Deployment.run(options(hubs: 2, interval: "2s")) { deployment in
        let redis = try deployment.redis.client()
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": 5, "Y": 5])
        // A message without a count: both hubs send it.
        try redis.command("PUBLISH", "stream.score_updates", "X")
        try client.expect(["X": 6, "Y": 5])
        try client.expect(["X": 5, "Y": 5])
        try redis.tweet(["X"])
        try client.expect(["X": 6, "Y": 5])
        #expect(client.ledger.resets == ["corrected": 1])
        #expect(client.ledger.lineages.count == 1)
        let metrics = try deployment.hubs.map { try $0.metrics() }
        #expect(metrics.allSatisfy { $0["emojitrack_hub_corrections_total"] == 1 })
        try wait(for: "the edge's count") {
          try deployment.edges[0].metrics()["emojitrack_edge_corrections_total"] == 1
        }
      }
    }

    @Test(
      "Redis and all hubs return from an older dump: one reset, the true totals, and no older token resumes"
    )
    func restored() throws {
      try Deployment.run(options()) { deployment in
        let redis = try deployment.redis.client()
        let client = try Bookkeeper(at: deployment.edges[0])
        try redis.tweet([String](repeating: "1F602", count: 20))
        try client.expect(["X": 5, "Y": 5, "1F602": 20])
        try redis.command("SAVE")
        try redis.tweet([String](repeating: "1F60D", count: 40))
        try client.expect(["X": 5, "Y": 5, "1F602": 20, "1F60D": 40])
        // A client that is away meanwhile, and returns to an edge without memory.
        let traveller = try Bookkeeper(at: deployment.edges[1])
        try traveller.expect(["X": 5, "Y": 5, "1F602": 20, "1F60D": 40])
        deployment.edges[1].kill()
        for hub in deployment.hubs { hub.kill() }
        try deployment.redis.restartWithOldData()
        for hub in deployment.hubs { try hub.start() }
        try deployment.hub.waitUntilReady()
        let again = try deployment.redis.client()
        try again.tweet([String](repeating: "1F600", count: 8))
        try client.expect(["X": 5, "Y": 5, "1F602": 20, "1F600": 8])
        #expect(client.ledger.resets == ["corrected": 1])
        // The earlier position is passed: it has other totals now.
        try again.tweet([String](repeating: "1F600", count: 60))
        try deployment.edges[1].start()
        try deployment.edges[1].waitUntilReady()
        try traveller.move(to: deployment.edges[1])
        let truth: [String: UInt64] = ["X": 5, "Y": 5, "1F602": 20, "1F600": 68]
        try traveller.expect(truth)
        try client.expect(truth)
        #expect(traveller.ledger.resets.values.reduce(0, +) == 1)
        #expect(client.ledger.resets == ["corrected": 1])
        try Bookkeeper(at: deployment.edges[0]).expect(truth)
      }
    }

    @Test(
      "Redis is emptied without a feeder, or returns empty: one reset, and an empty snapshot",
      arguments: [true, false])
    func emptied(live: Bool) throws {
      try Deployment.run(options(hubs: 2, interval: live ? "1s" : "1h")) { deployment in
        let clients = try deployment.edges.map { try Bookkeeper(at: $0) }
        for client in clients { try client.expect(["X": 5, "Y": 5]) }
        if live {
          try deployment.redis.client().command("FLUSHALL")
        } else {
          try deployment.redis.restartWithOldData()
        }
        for client in clients { try client.expect([:]) }
        #expect(try deployment.hubs.allSatisfy { try $0.page().redis.unanchored == nil })
        let redis = try deployment.redis.client()
        try redis.tweet(["A", "B", "A"])
        for client in clients {
          try client.expect(["A": 2, "B": 1])
          #expect(client.ledger.resets == ["new_lineage": 1])
        }
        try Bookkeeper(at: deployment.edges[0]).expect(["A": 2, "B": 1])
        let lineages = try deployment.hubs.map { try $0.page().scores.lineage }
        #expect(Set(lineages).count == 1)
      }
    }

    @Test("If messages arrive without being counted, the hub counts by itself")
    func publishedOnly() throws {
      var options = options()
      options.totals = [:]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        #expect(try deployment.hub.page().scores.anchored)
        try wait(for: "the hub to give up", within: .seconds(20)) {
          try redis.command("PUBLISH", "stream.score_updates", "X")
          return try deployment.hub.page().redis.unanchored == "scores_missing"
        }
        let client = try deployment.edges[0].client("/subscribe/eps")
        try redis.command("PUBLISH", "stream.score_updates", "Y")
        try wait(for: "the growth") { client.sums["Y"] == 1 }
      }
    }

    @Test("Two hubs agree on a new lineage at once, although only one of them read the totals")
    func agreement() throws {
      var options = options(hubs: 2)
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": 5, "Y": 5])
        let before = try deployment.hub.page().scores.lineage
        let redis = try deployment.redis.client()
        try redis.command("FLUSHALL")
        // The next regular fence of a hub would be in an hour. Only one hub is made to read the totals, by the loss
        // of its connections. It informs the other one.
        try disconnectFirstSubscriber(of: redis)
        try wait(for: "one lineage", within: .seconds(3)) {
          let lineages = Set(try deployment.hubs.map { try $0.page().scores.lineage })
          return lineages.count == 1 && lineages != [before]
        }
        try client.expect([:])
        #expect(client.ledger.resets == ["new_lineage": 1])
      }
    }

    /// Makes Redis close the subscribing connection of one hub.
    private func disconnectFirstSubscriber(of redis: RedisClient) throws {
      let answer = try redis.command("CLIENT", "LIST", "TYPE", "pubsub")
      guard case .bulk(let list?) = answer else { throw TimedOut(description: "no list of clients") }
      let line = try #require(String(decoding: list, as: UTF8.self).split(separator: "\n").first)
      let id = try #require(line.split(separator: " ").first { $0.hasPrefix("id=") })
      try redis.command("CLIENT", "KILL", "ID", String(id.dropFirst(3)))
    }

    @Test(
      "If Redis runs out of memory the lineage goes on, and published increments without a count are taken back"
    )
    func outOfMemory() throws {
      try Deployment.run(options(interval: "1s")) { deployment in
        let redis = try deployment.redis.client()
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": 5, "Y": 5])
        try redis.command("CONFIG", "SET", "maxmemory", "1")
        try redis.command("PUBLISH", "stream.score_updates", "X")
        try client.expect(["X": 6, "Y": 5])
        try wait(for: "a fence that is refused") {
          try deployment.hub.page().redis.refused.values.contains { $0.contains("OOM") }
        }
        #expect(try deployment.hub.page().redis.state == "live")
        try redis.command("CONFIG", "SET", "maxmemory", "0")
        try client.expect(["X": 5, "Y": 5], within: .seconds(20))
        try redis.tweet(["Y"])
        try client.expect(["X": 5, "Y": 6])
        #expect(client.ledger.resets == ["corrected": 1])
        #expect(client.ledger.lineages.count == 1)
      }
    }

    @Test("A total that Redis can no longer increment does not grow at clients either, and is named once")
    func saturated() throws {
      let limit: UInt64 = 1 << 53
      var options = options(interval: "1s")
      options.totals = [:]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        try redis.command("ZADD", "emojitrack_score", "\(limit - 1)", "X")
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": limit - 1])
        try redis.tweet(["X", "X", "X", "Y"])
        try client.expect(["X": limit, "Y": 1])
        let fences = try deployment.hub.page().scores.fences.total
        try wait(for: "more fences") { try deployment.hub.page().scores.fences.total >= fences + 3 }
        try client.expect(["X": limit, "Y": 1])
        #expect(try redis.totals()["X"] == limit)
        #expect(deployment.hub.log.ranges(of: "total_too_large").count == 1)
        #expect(try deployment.hub.page().messages.rejected["total_too_large"] == 2)
      }
    }

    @Test("A negative total does not count, nor do its increments, until it is zero or more")
    func negative() throws {
      try Deployment.run(options(interval: "1s")) { deployment in
        let redis = try deployment.redis.client()
        let client = try Bookkeeper(at: deployment.edges[0])
        try client.expect(["X": 5, "Y": 5])
        try redis.command("ZADD", "emojitrack_score", "-7", "Z")
        try redis.tweet(["Z"])
        try wait(for: "the rejection") { deployment.hub.log.contains("total_negative") }
        try client.expect(["X": 5, "Y": 5])
        try redis.command("ZADD", "emojitrack_score", "3", "Z")
        try client.expect(["X": 5, "Y": 5, "Z": 3])
        try redis.tweet(["Z"])
        try client.expect(["X": 5, "Y": 5, "Z": 4])
        #expect(client.ledger.lineages.count == 1)
      }
    }
  }
}
