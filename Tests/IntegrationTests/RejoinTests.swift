import Foundation
import Testing

extension IntegrationTests {
  @Suite("After a fault", .patient)
  struct RejoinTests {
    @Test("A killed edge becomes lost, and live again when it is back")
    func edgeKilled() throws {
      try Deployment.run { deployment in
        let edge = deployment.edges[0]
        try waitForState("live", of: edge, deployment)
        edge.kill()
        try waitForState("lost", of: edge, deployment)
        #expect(try deployment.hub.page().edge(edge.name)?.end == "peerClosed")
        #expect(try deployment.hub.page().edge("edge-2")?.state == "live")
        try edge.start()
        try waitForState("live", of: edge, deployment)
        try edge.waitUntilReady()

        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        try deployment.redis.client().tweet(["1F4C2", "2665"])
        try deployment.expectExactSums(of: clients, since: before)
      }
    }

    @Test("Both edges reconnect to a killed hub; their clients stay, and their sums stay exact")
    func hubKilled() throws {
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let raws = try deployment.edges.map { try $0.client("/subscribe/raw") }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(200)
        deployment.hub.kill()
        for edge in deployment.edges {
          try wait(for: "\(edge.name) not to be ready") { !edge.isReady }
          #expect(try HTTPClient.request("GET", "/healthz", at: edge.address).status == 200)
        }
        try feed.waitForMore(200)
        try deployment.hub.start()
        for edge in deployment.edges { try edge.waitUntilReady() }
        let rawCounts = raws.map(\.eventCount)
        try feed.waitForMore(200)
        try feed.stop()
        try deployment.expectExactSums(of: clients, since: before)
        for (raw, count) in zip(raws, rawCounts) {
          try wait(for: "raw events after the hub's return") { raw.eventCount > count }
        }
        #expect((clients + raws).allSatisfy { !$0.isEnded })
      }
    }

    @Test("The hub reconnects to a Redis restarted with its data, and missed increments are repaired")
    func redisRestarted() throws {
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(200)
        try deployment.redis.restartWithData()
        // Before the hub can have subscribed again.
        try deployment.redis.client().tweet(["1F4C2", "1F4C2", "NEW"])
        try feed.waitForMore(200)
        try wait(for: "the hub") { deployment.hub.isReady }
        try feed.waitForMore(100)
        try feed.stop()
        #expect(feed.failures > 0)
        try deployment.expectExactSums(of: clients, since: before)
        #expect(clients.allSatisfy { !$0.isEnded })
        let page = try deployment.hub.page()
        #expect(page.redis.interruptions > 0)
        #expect(page.scores.repaired > 0)
        #expect(page.scores.position == (try deployment.redis.client().totals()).values.reduce(0, +))
      }
    }

    @Test("If Redis kills subscriptions during a flow of tweets, sums stay exact")
    func subscriptionKilled() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        // So many ids that most missed ones do not come again, and only a fence finds them.
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000, ids: (0..<5_000).map { "ID\($0)" })
        for interruption in 1...3 {
          try feed.waitForMore(300)
          try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
          try wait(for: "the interruption") { try deployment.hub.page().redis.interruptions >= interruption }
          try wait(for: "the hub") { deployment.hub.isReady }
        }
        try feed.waitForMore(300)
        try feed.stop()
        #expect(feed.failures == 0)
        try deployment.expectExactSums(of: clients, since: before)
        #expect(try deployment.hub.page().scores.repaired > 0)
      }
    }

    @Test("A Redis that hangs without closing is noticed, and missed increments are repaired")
    func redisHangs() throws {
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        try deployment.redis.client().tweet(["1F4C2"])
        deployment.redis.signal(SIGSTOP)
        try wait(for: "the hub to notice") { !deployment.hub.isReady }
        try wait(for: "the edges to know") { deployment.edges.allSatisfy { !$0.isReady } }
        deployment.redis.signal(SIGCONT)
        try deployment.redis.client().tweet(["2665", "2665"])
        for edge in deployment.edges { try edge.waitUntilReady() }
        try deployment.expectExactSums(of: clients, since: before)
      }
    }

    @Test("A hub that hangs makes its edges unready; when it continues, sums are exact")
    func hubHangs() throws {
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(100)
        deployment.hub.process?.signal(SIGSTOP)
        for edge in deployment.edges { try wait(for: "\(edge.name) to notice") { !edge.isReady } }
        deployment.hub.process?.signal(SIGCONT)
        for edge in deployment.edges { try edge.waitUntilReady() }
        try feed.waitForMore(100)
        try feed.stop()
        try deployment.expectExactSums(of: clients, since: before)
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }

    @Test(
      "An edge that hangs is skipped, learns of the gap, and is exact again later; the other edge notices nothing"
    )
    func edgeHangs() throws {
      var options = Deployment.Options()
      options.hubFlags = ["--link-backlog", "512KiB"]
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let details = try deployment.edges.map { try $0.client("/subscribe/details/1F4C2") }
        for edge in deployment.edges { try deployment.waitForTopics(1, of: edge) }
        let (hanging, other) = (deployment.edges[0], deployment.edges[1])
        hanging.process?.signal(SIGSTOP)
        let payload = String(repeating: "p", count: 60_000)
        // More than the kernel buffers for a connection and the hub for an edge; but no more, because an edge that
        // hangs too long counts as lost.
        let label = "emojitrack_hub_skipped_total{kind=\"topic_event\"}"
        var sent = 0
        while sent < 150, try deployment.hub.metrics()[label] == 0 {
          try redis.tweet([String](repeating: "1F4C2", count: 5), payload: payload)
          sent += 5
          try wait(for: "details at the other edge") { details[1].byteCount > sent * payload.count }
        }
        hanging.process?.signal(SIGCONT)
        try deployment.expectExactSums(of: clients, since: before)
        try wait(for: "the gap") { try hanging.metrics()["emojitrack_edge_link_gaps_total{hub=\"1\"}"] == 1 }
        let skipped = try #require(try hanging.metrics()["emojitrack_edge_link_skipped_total{hub=\"1\"}"])
        #expect(skipped > 0)
        try wait(for: "the rest of the details") { details[0].eventCount == sent - Int(skipped) }
        #expect(try other.metrics()["emojitrack_edge_link_skipped_total{hub=\"1\"}"] == 0)
        #expect(try deployment.hub.metrics()[label] == skipped)
      }
    }

    @Test("Totals that went backwards during an interruption are taken back, and sums go on from there")
    func totalsBackwards() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        try redis.tweet(["1F4C2"])
        try wait(for: "the first event") { client.sum == 1 }
        let lineage = try deployment.hub.page().scores.lineage
        try redis.command("ZADD", "emojitrack_score", "5", "1F4C2")
        try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        try wait(for: "the totals of now") {
          let scores = try deployment.hub.page().scores
          return scores.position == 12 && scores.anchored
        }
        #expect(try deployment.hub.page().scores.lineage == lineage)
        try redis.tweet(["1F4C2", "1F4C2"])
        try wait(for: "the events after it") { client.sum == 3 }
        #expect(client.sums == ["1F4C2": 3])
        #expect(deployment.hub.log.contains("edges were sent more than Redis holds"))
      }
    }

    private func waitForState(_ state: String, of edge: EdgeNode, _ deployment: Deployment) throws {
      try wait(for: "\(edge.name) \(state)") { try deployment.hub.page().edge(edge.name)?.state == state }
    }
  }

  @Suite("The end", .patient)
  struct TerminationTests {
    @Test("SIGTERM ends hub and edges with exit status 0; their clients' streams end between two events")
    func terminate() throws {
      var options = Deployment.Options()
      options.edgeFlags = ["--drain-window", "1s"]
      try Deployment.run(options) { deployment in
        let clients = try deployment.edges.flatMap { edge in
          try ["/subscribe/eps", "/subscribe/raw", "/subscribe/details/1F4C2"].map { try edge.client($0) }
        }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(200)
        for edge in deployment.edges { edge.process?.signal(SIGTERM) }
        for edge in deployment.edges {
          #expect(try #require(edge.process).waitForEnd(within: .seconds(5)) == .exited(0))
        }
        try wait(for: "the end of the streams") { clients.allSatisfy(\.isEnded) }
        for client in clients {
          #expect(client.eventCount > 0)
          #expect(client.isAtBorder)
        }
        try wait(for: "the farewells") {
          let edges = try deployment.hub.page().edges
          return edges.allSatisfy { $0.end == "edgeShutDown" }
        }
        deployment.hub.process?.signal(SIGTERM)
        #expect(try #require(deployment.hub.process).waitForEnd(within: .seconds(5)) == .exited(0))
        try feed.stop()
      }
    }

    @Test("SIGTERM ends a hub whose Redis is away, and an edge whose hub is away")
    func terminateAlone() throws {
      try Deployment.run { deployment in
        deployment.redis.stop()
        try wait(for: "the interruption") { !deployment.hub.isReady }
        deployment.hub.process?.signal(SIGINT)
        #expect(try #require(deployment.hub.process).waitForEnd(within: .seconds(5)) == .exited(0))
        let edge = deployment.edges[0]
        try wait(for: "the lost link") { !edge.isReady }
        edge.process?.signal(SIGTERM)
        #expect(try #require(edge.process).waitForEnd(within: .seconds(5)) == .exited(0))
      }
    }
  }
}
