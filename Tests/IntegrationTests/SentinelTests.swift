import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("Sentinel", .patient)
  struct SentinelTests {
    /// A hub and an edge with sentinels, and a client that sums.
    private func run(
      password: String? = nil, query: String = "",
      _ body: (SentinelDeployment, Hub, SSEClient) throws -> Void
    ) throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try SentinelDeployment(in: folder, password: password)
      defer { redis.stop() }
      try redis.servers[0].client().command("ZADD", "emojitrack_score", "100", "1F4C2")
      let hub = try Hub(in: folder, redisURL: redis.url(query: query))
      let edge = try EdgeNode("edge-1", in: folder, hubPorts: [hub.linkPort])
      try hub.start()
      try edge.start()
      defer {
        edge.kill()
        hub.kill()
      }
      do {
        try hub.waitUntilReady()
        try edge.waitUntilReady()
        try body(redis, hub, try edge.client("/subscribe/eps"))
      } catch {
        print("--- hub\n\(hub.log)")
        throw error
      }
    }

    private func waitForMaster(_ node: SentinelDeployment.Node, _ hub: Hub) throws {
      let total = try node.client().totals().values.reduce(0, +)
      try wait(for: "the hub at the new master", within: .seconds(20)) {
        let page = try hub.page()
        return hub.isReady && page.scores.anchored && page.scores.position >= total
      }
    }

    @Test("After a master is killed, the hub follows to the replica that takes over; sums are exact")
    func killed() throws {
      try run { redis, hub, client in
        let (master, replica) = (redis.servers[0], redis.servers[1])
        try master.client().tweet(["1F4C2", "2665"])
        try master.client().command("WAIT", "1", "2000")
        try wait(for: "the first events") { client.sum == 2 }
        master.process.kill()
        try wait(for: "the promotion", within: .seconds(20)) { !replica.isReplica }
        // Before the hub is connected.
        try replica.client().tweet(["1F4C2", "1F4C2", "NEW"])
        try waitForMaster(replica, hub)
        try replica.client().tweet(["2665"])
        try wait(for: "the sums") { client.sum >= 6 }
        #expect(client.sums == ["1F4C2": 3, "2665": 2, "NEW": 1])
        #expect(try hub.page().scores.fences.lineagesBegun == 1)
        #expect(!client.isEnded)
      }
    }

    @Test("An ordered failover is followed at once, although the old master keeps its subscribers")
    func ordered() throws {
      try run { redis, hub, client in
        let (master, replica) = (redis.servers[0], redis.servers[1])
        try master.client().tweet(["1F4C2"])
        try master.client().command("WAIT", "1", "2000")
        try wait(for: "the first event") { client.sum == 1 }
        try redis.sentinels[0].client().command("SENTINEL", "FAILOVER", SentinelDeployment.name)
        try wait(for: "the promotion", within: .seconds(20)) { !replica.isReplica }
        try wait(for: "the log line") { hub.log.contains("the master of Redis is now") }
        try replica.client().tweet(["1F4C2", "2665"])
        try waitForMaster(replica, hub)
        try wait(for: "the sums") { client.sum >= 3 }
        #expect(client.sums == ["1F4C2": 2, "2665": 1])
        #expect(try hub.page().scores.fences.lineagesBegun == 1)
        // And back again, with one sentinel less.
        redis.sentinels[0].process.kill()
        try wait(for: "the demotion", within: .seconds(20)) { master.isReplica }
        try wait(for: "the order", within: .seconds(20)) {
          (try? redis.sentinels[1].client().command("SENTINEL", "FAILOVER", SentinelDeployment.name)) != nil
        }
        try wait(for: "the promotion back", within: .seconds(20)) { !master.isReplica }
        try master.client().tweet(["2665"])
        try wait(for: "the sums after it", within: .seconds(20)) { client.sum >= 4 }
        #expect(client.sums == ["1F4C2": 2, "2665": 2])
      }
    }

    @Test("Sentinels may require a password; a sentinel that does not know the master is skipped")
    func password() throws {
      try run(password: "s3cret", query: "?sentinel-password=s3cret") { redis, hub, client in
        try redis.servers[0].client().tweet(["1F4C2"])
        try wait(for: "the event") { client.sum == 1 }
        #expect(!hub.log.contains("s3cret"))
      }
    }

    @Test("A sentinel that names a replica is not believed, and the next one is asked")
    func misled() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try SentinelDeployment(in: folder)
      let misled = try redis.startMisledSentinel()
      defer {
        misled.process.kill()
        redis.stop()
      }
      try redis.servers[0].client().command("ZADD", "emojitrack_score", "100", "1F4C2")
      let hub = try Hub(
        in: folder, redisURL: redis.url().replacing("://", with: "://127.0.0.1:\(misled.port),"))
      try hub.start()
      try hub.waitUntilReady()
      #expect(hub.log.contains("this Redis is a replica of 127.0.0.1:\(redis.servers[0].port)"))
      #expect(try hub.page().scores.position == 100)
      hub.kill()
    }

    @Test("A replica is refused by name; sentinels without an answer are named, with the reason")
    func refusals() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try SentinelDeployment(in: folder)
      defer { redis.stop() }
      let hub = try Hub(in: folder, redisURL: "redis://127.0.0.1:\(redis.servers[1].port)")
      try hub.start()
      let line = "this Redis is a replica of 127.0.0.1:\(redis.servers[0].port), and the hub needs a master"
      try wait(for: "the refusal") { hub.log.contains(line) }
      #expect(!hub.isReady)
      hub.kill()

      let other = try Hub(
        in: TestRun.shared().newFolder(),
        redisURL: redis.url().replacing("/\(SentinelDeployment.name)", with: "/other"))
      try other.start()
      try wait(for: "the reason") { other.log.contains("it knows no master named 'other'") }
      other.kill()
    }
  }
}
