import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("Refusals by Redis")
  struct RefusalTests {
    private static func words(_ value: RESPValue) -> [String] {
      guard case .array(let parts?) = value else { return [] }
      return parts.compactMap { part in
        guard case .bulk(let bytes?) = part else { return nil }
        return String(decoding: bytes, as: UTF8.self)
      }
    }

    @Test("The user in the line that `check` prints can do all that a hub does, and Redis refuses it nothing")
    func leastRights() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      let client = try redis.client()
      try client.command("ZADD", "emojitrack_score", "9", "1F4C2", "5", "2665")
      try client.command("ACL", "SETUSER", "relay", "on", ">secret")
      let url = try redis.url.replacing("://", with: "://relay:secret@")
      let flags = ["--interaction-enabled", "true", "--fence-interval", "300ms"]
      let (_, before) = try CheckTests.check(
        "emojitrack-hub", CheckTests.hubFlags() + flags, environment: ["REDIS_URL": url])
      let line = try #require(before.first { $0.hasPrefix("ok    redis ACL: ") })
      let beginning = try #require(line.firstRange(of: "ACL SETUSER relay ")?.lowerBound)
      let words = line[beginning...].split(separator: " ").map { Array($0.utf8) }
      _ = try client.pipeline([words])
      let (end, lines) = try CheckTests.check(
        "emojitrack-hub", CheckTests.hubFlags() + flags, environment: ["REDIS_URL": url])
      #expect(end == .exited(0))
      #expect(!lines.contains { !$0.hasPrefix("ok") && $0.contains("redis") }, "\(lines)")
      // The check itself uses TIME, which the hub does not.
      try client.command("ACL", "LOG", "RESET")

      let hub = try Hub(in: folder, redisURL: url, flags: flags)
      let edge = try EdgeNode(
        "edge-1", in: folder, hubPorts: [hub.linkPort], flags: ["--kiosk-enabled", "true"])
      defer {
        edge.kill()
        hub.kill()
        redis.stop()
      }
      try hub.start()
      try edge.start()
      try hub.waitUntilReady()
      try edge.waitUntilReady()
      try client.tweet(["1F4C2"])
      let details = try edge.client("/subscribe/details/1F4C2?backfill=10")
      let kiosk = try edge.client("/subscribe/kiosk_interaction")
      try wait(for: "the tweet that was there") { details.eventCount == 1 }
      try wait(for: "both topics") { try hub.page().edge("edge-1")?.topics == 2 }
      try client.publish("stream.interaction.request", Array("{}".utf8))
      try client.tweet(["1F4C2"])
      try wait(for: "what came") { details.eventCount == 2 && kiosk.eventCount == 1 }
      try client.command("ZADD", "emojitrack_score", "1", "2665")
      try wait(for: "the new lineage") { try hub.page().scores.fences.lineagesBegun == 2 }
      try wait(for: "the node in Redis") {
        try Self.words(client.command("HKEYS", "admin_stream_status")) == ["edge-1"]
      }
      let page = try hub.page()
      #expect(page.scores.anchored && page.redis.refused.isEmpty && page.redis.interruptions == 0)
      hub.process?.signal(SIGTERM)
      try wait(for: "the end of the node in Redis") {
        try Self.words(client.command("HKEYS", "admin_stream_status")).isEmpty
      }
      #expect(try client.command("ACL", "LOG") == .array([]))
      #expect(!hub.log.contains("the right to") && !hub.log.contains("Redis refused"))
    }

    @Test("The right to the tweets may be revoked and granted at run time, and shows while it is missing")
    func tweets() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.login = "relay:secret@"
      // This allows every channel, but not the pattern.
      options.redisFlags = ["--user", "relay", "on", ">secret", "~*", "resetchannels", "&stream.*", "+@all"]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        let label = "emojitrack_hub_redis_refused{feature=\"tweets\"}"
        let details = try deployment.edges[0].client("/subscribe/details/1F4C2")
        let scores = try deployment.edges[0].client("/subscribe/eps")
        try deployment.waitForTopics(1, of: deployment.edges[0])
        let refused = try deployment.hub.page().redis.refused
        #expect(refused.keys.map { $0 } == ["tweets"])
        #expect(refused["tweets"]?.contains("the right to PSUBSCRIBE stream.tweet_updates.*: NOPERM") == true)
        #expect(try deployment.hub.metrics()[label] == 1)
        #expect(deployment.hub.isReady)

        try redis.command("ACL", "SETUSER", "relay", "&stream.tweet_updates.*")
        try wait(for: "the tweets") { try deployment.hub.page().redis.refused.isEmpty }
        #expect(try deployment.hub.metrics()[label] == 0)
        try redis.tweet(["1F4C2"])
        try wait(for: "the tweet") { details.eventCount == 1 && scores.sum == 1 }
        #expect(try deployment.hub.page().redis.interruptions == 0)
        #expect(deployment.hub.log.contains("Redis now allows what it refused: tweets"))

        // Redis closes the connections of a subscriber that loses a right.
        try redis.command("ACL", "SETUSER", "relay", "resetchannels", "&stream.*")
        try wait(for: "the loss") {
          let page = try deployment.hub.page()
          return page.redis.refused["tweets"] != nil && page.scores.anchored && page.redis.state == "live"
        }
        #expect(try deployment.hub.metrics()[label] == 1)
        try redis.tweet(["1F4C2"])
        try wait(for: "the score") { scores.sum == 2 }
        #expect(try deployment.hub.page().redis.interruptions == 1)
      }
    }

    @Test("If EXEC has no name the hub reports it, and scores, tweets, lists and node statuses go on")
    func withoutEXEC() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redisFlags = ["--rename-command", "EXEC", ""]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        try redis.tweet(["1F4C2"])
        let words = "Redis refused EXEC: ERR unknown command 'EXEC'; give the command its name back"
        #expect(deployment.hub.log.contains(words))
        let details = try deployment.edges[0].client("/subscribe/details/1F4C2?backfill=10")
        let scores = try deployment.edges[0].client("/subscribe/eps")
        try wait(for: "the tweet that was there") { details.eventCount == 1 }
        try deployment.waitForTopics(1, of: deployment.edges[0])
        try wait(for: "the node in Redis") {
          try Self.words(redis.command("HKEYS", "admin_stream_status")) == ["edge-1"]
        }
        // A fence is tried every 5 s, and the flow is probed during silence.
        letPass(.seconds(12))
        let page = try deployment.hub.page()
        #expect(page.redis.unanchored == "refused" && page.redis.interruptions == 0)
        #expect(page.redis.refused.keys.map { $0 } == ["exact_lists"])
        #expect(deployment.hub.log.ranges(of: "cannot be repaired: \(words)").count == 1)
        try redis.tweet(["1F4C2"])
        try wait(for: "the next tweet") { details.eventCount == 2 && scores.sum == 1 }
      }
    }

    @Test("Keys in two slots of a cluster are reported as such, and the hub streams what it receives")
    func twoSlots() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer.cluster(in: folder)
      let client = try redis.client()
      try client.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      try redis.waitForCluster()
      let hub = try Hub(in: folder, redisURL: redis.url)
      defer {
        hub.kill()
        redis.stop()
      }
      try hub.start()
      try hub.waitUntilReady()
      #expect(hub.log.contains("Redis refused EXEC: CROSSSLOT") && hub.log.contains("one tag in braces"))
      letPass(.seconds(11))
      try client.publish("stream.score_updates", Array("2665".utf8))
      try wait(for: "the score") { try hub.page().scores.position == 1 }
      let page = try hub.page()
      #expect(page.redis.unanchored == "refused" && page.redis.interruptions == 0)
    }
  }
}
