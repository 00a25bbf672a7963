import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Two hubs")
  struct TwoHubsTests {
    private static func options(edgeCount: Int = 2) -> Deployment.Options {
      var options = Deployment.Options()
      options.hubCount = 2
      options.edgeCount = edgeCount
      return options
    }

    /// Waits until an edge hears both hubs, and follows them.
    private func waitForBoth(_ edge: EdgeNode) throws {
      try wait(for: "both hubs of \(edge.name)") {
        let metrics = try edge.metrics()
        return ["1", "2"].allSatisfy { hub in
          metrics["emojitrack_edge_link_fresh{hub=\"\(hub)\"}"] == 1
            && metrics["emojitrack_edge_link_followed{hub=\"\(hub)\"}"] == 1
        }
      }
    }

    @Test("Killing one of two hubs, again and again, is invisible: nothing lost or doubled, no pause")
    func killed() throws {
      try Deployment.run(Self.options()) { deployment in
        for edge in deployment.edges { try waitForBoth(edge) }
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let raws = try deployment.edges.map { try $0.client("/subscribe/raw") }
        let details = try deployment.edges.map { try $0.client("/subscribe/details/1F4C2") }
        for edge in deployment.edges { try deployment.waitForTopics(2, of: edge) }
        // Two further edges for each hub, which know only that hub. While their hub lives, any pause of their clients is
        // caused by the machine, and affects all clients.
        let controls = try (0..<4).map { index in
          try EdgeNode(
            "edge-\(index + 3)", in: deployment.folder, hubPorts: [deployment.hubs[index / 2].linkPort])
        }
        defer { for control in controls { control.kill() } }
        for control in controls { try control.start() }
        for control in controls { try control.waitUntilReady() }
        let watchers = try controls.map { try $0.client("/subscribe/eps") }
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        try feed.waitForMore(500)

        for round in 0..<6 {
          let hub = deployment.hubs[round % 2]
          _ = (clients + watchers).map { $0.takeLongestPause() }
          hub.kill()
          for edge in deployment.edges { #expect(edge.isReady) }
          try feed.waitForMore(200)
          let longest = clients.map { $0.takeLongestPause() }.max() ?? .zero
          let pauses = watchers.map { $0.takeLongestPause() }
          let unavoidable = round % 2 == 0 ? max(pauses[2], pauses[3]) : max(pauses[0], pauses[1])
          #expect(longest <= max(.milliseconds(100), unavoidable * 2), "round \(round)")
          try hub.start()
          try hub.waitUntilReady()
          for edge in deployment.edges { try waitForBoth(edge) }
          try feed.waitForMore(200)
        }
        try feed.stop()

        let sent = feed.sent
        for raw in raws {
          try wait(for: "the raw ids") { raw.eventCount >= sent.count }
          #expect(raw.events.map { String(decoding: $0.data, as: UTF8.self) } == sent)
        }
        for client in details {
          let expected = sent.count { $0 == "1F4C2" }
          try wait(for: "the tweets") { client.eventCount >= expected }
          #expect(client.eventCount == expected)
        }
        try deployment.expectExactSums(of: clients, since: before)
        #expect((clients + raws + details).allSatisfy { !$0.isEnded })
      }
    }

    @Test("Two hubs cause no more events than one would")
    func paced() throws {
      try Deployment.run(Self.options(edgeCount: 1)) { deployment in
        try waitForBoth(deployment.edges[0])
        let client = try deployment.edges[0].client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        try feed.waitForMore(300)
        let flushesBefore = try deployment.hubs.map { try $0.flushes() }
        let (count, start) = (client.eventCount, MonotonicClock.now())
        try feed.waitForMore(3_000)
        let events = client.eventCount - count
        let elapsed = start.duration(to: MonotonicClock.now())
        let flushes = try zip(deployment.hubs, flushesBefore).map { try $0.flushes() - $1 }
        try feed.stop()
        #expect(events <= Int(elapsed.wholeMilliseconds / 17) + 2)
        #expect(events >= (flushes.min() ?? 0) / 2)
      }
    }

    @Test(
      "Each hub sees the edge, and the edge shows each hub; without hubs it is unready, and later exact again",
      .patient)
    func bothAway() throws {
      try Deployment.run(Self.options(edgeCount: 1)) { deployment in
        let edge = deployment.edges[0]
        try waitForBoth(edge)
        for hub in deployment.hubs {
          try wait(for: "the edge at \(hub.name)") { try hub.page().edge(edge.name)?.state == "live" }
        }
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let client = try edge.client("/subscribe/eps")
        let details = try edge.client("/subscribe/details/1F4C2")
        try deployment.waitForTopics(1, of: edge)
        try redis.tweet(["1F4C2"], payload: "first")
        try wait(for: "the first tweet") { details.eventCount == 1 }

        for hub in deployment.hubs { hub.kill() }
        try wait(for: "the edge to know") { !edge.isReady }
        #expect(try edge.metrics()["emojitrack_edge_link_up{hub=\"2\"}"] == 0)
        for number in 1...5 { try redis.tweet(["1F4C2"], payload: "missed \(number)") }
        try deployment.hubs[1].start()
        try edge.waitUntilReady()
        #expect(try edge.metrics()["emojitrack_edge_link_up{hub=\"1\"}"] == 0)
        try wait(for: "the missed tweets") { details.eventCount >= 6 }
        try redis.tweet(["1F4C2"], payload: "last")
        try wait(for: "the last tweet") { details.eventCount >= 7 }
        #expect(
          details.events.map { String(decoding: $0.data, as: UTF8.self) }
            == ["first"] + (1...5).map { "missed \($0)" } + ["last"])
        try deployment.expectExactSums(of: [client], since: before)
      }
    }
  }
}
