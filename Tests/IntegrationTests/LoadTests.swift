import Foundation
import Testing

extension IntegrationTests {
  @Suite("Many clients, slow clients, large events")
  struct LoadTests {
    @Test("1,000 clients of one edge at 59 events a second for 10 s: no client misses an event")
    func thousand() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "2"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let clients = try (0..<1_000).map { _ in
          try SSEClient("/subscribe/eps", at: edge.address, waits: false)
        }
        defer { for client in clients { client.close() } }
        for client in clients { try client.waitForBeginning() }

        let flushesBefore = try deployment.hub.flushes()
        let feed = try TweetFeed(deployment.redis.address)
        letPass(.seconds(10))
        try feed.stop()
        let flushes = try deployment.hub.flushes() - flushesBefore
        let grown = growth(from: before, to: try redis.totals())
        try wait(for: "the sums") { clients[0].sum == grown.values.reduce(0, +) }
        try redis.tweet(["LAST"])
        let last = Array("data:{\"LAST\":1}\n\n".utf8)
        try wait(for: "the last event at every client") { clients.allSatisfy { $0.body.hasSuffix(last) } }

        // All clients of a worker are sent the same bytes after the retry time, so there are at most as many
        // distinct streams as workers.
        let streams = Set(clients.map { Self.behindOpening($0.body) })
        #expect(streams.count <= 2)
        for stream in streams {
          let client = try #require(clients.first { Self.behindOpening($0.body) == stream })
          #expect(client.sums == grown.merging(["LAST": 1]) { $1 })
          // 59 ticks a second, each with changes. On a busy machine, the edge halves the rate and counts that.
          #expect(client.eventCount > (try steps(of: edge) == 0 ? flushes * 6 / 10 : flushes / 12))
        }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_clients{stream=\"eps\"}"] == 1_000)
        #expect(metrics["emojitrack_edge_events_total{outcome=\"skipped\"}"] == 0)
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }

    @Test(
      "A client that does not read for seconds gets exact sums when it continues, and delays no other client")
    func stalled() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "1"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let before = try deployment.redis.client().totals()
        let other = try edge.client("/subscribe/eps")
        let stalled = try edge.client("/subscribe/eps", receiveBufferSize: 2_048)
        try stalled.pause()

        // Many long ids soon fill the kernel's buffer for a client.
        let ids = (0..<2_000).map { "\($0)-" + String(repeating: "x", count: 59) }
        let feed = try TweetFeed(deployment.redis.address, rate: 600, ids: ids)
        try wait(for: "the client to lag", within: .seconds(30)) {
          try edge.metrics()["emojitrack_edge_clients_lagging"] == 1
        }
        let (countBefore, flushesBefore) = (other.eventCount, try deployment.hub.flushes())
        letPass(.seconds(3))
        let flushes = try deployment.hub.flushes() - flushesBefore
        #expect(
          other.eventCount - countBefore > (try steps(of: edge) == 0 ? flushes * 2 / 3 : flushes / 12))
        let behind = stalled.byteCount
        try stalled.resume()
        try wait(for: "the client to be in step") {
          try edge.metrics()["emojitrack_edge_clients_lagging"] == 0
        }
        #expect(stalled.byteCount > behind)
        try feed.waitForMore(100)
        try feed.stop()
        try deployment.expectExactSums(of: [other, stalled], since: before)
        #expect(stalled.eventCount < other.eventCount)
        #expect(try edge.metrics()["emojitrack_edge_events_total{outcome=\"summed\"}"] ?? 0 > 100)
      }
    }

    @Test(
      "Details reach only the edges that have a client for them, and stop when the last one has left",
      .patient)
    func interest() throws {
      var options = Deployment.Options()
      options.edgeFlags = ["--interest-linger", "0s"]
      try Deployment.run(options) { deployment in
        let (wanting, other) = (deployment.edges[0], deployment.edges[1])
        let client = try wanting.client("/subscribe/details/1F4C2")
        let neighbour = try other.client("/subscribe/details/1F4C")
        try deployment.waitForTopics(1, of: wanting)
        try deployment.waitForTopics(1, of: other)
        let start = try deployment.edges.map(linkBytes)
        let payload = String(repeating: "p", count: 10_000)
        try deployment.redis.client().tweet([String](repeating: "1F4C2", count: 200), payload: payload)
        try wait(for: "200 details") { client.eventCount == 200 }
        try wait(for: "2 MB on the link") { try linkBytes(wanting) - start[0] > 2_000_000 }
        #expect(try linkBytes(other) - start[1] < 10_000)
        #expect(neighbour.eventCount == 0)

        client.close()
        try deployment.waitForTopics(0, of: wanting)
        let afterwards = try linkBytes(wanting)
        try deployment.redis.client().tweet([String](repeating: "1F4C2", count: 200), payload: payload)
        let position = try deployment.redis.client().totals().values.reduce(0, +)
        try wait(for: "the position") {
          try deployment.edges.allSatisfy { try $0.metrics()["emojitrack_edge_position"] == Double(position) }
        }
        #expect(try linkBytes(wanting) - afterwards < 10_000)
      }
    }

    /// How often the edge has halved its rate.
    private func steps(of edge: EdgeNode) throws -> Double {
      try #require(try edge.metrics()["emojitrack_edge_governor_steps_total"])
    }

    private func linkBytes(_ edge: EdgeNode) throws -> Double {
      try #require(try edge.metrics()["emojitrack_edge_link_bytes_total{hub=\"1\"}"])
    }

    /// The bytes after the first line, which is the client's own retry time.
    private static func behindOpening(_ body: [UInt8]) -> [UInt8] {
      body.firstIndex(of: UInt8(ascii: "\n")).map { Array(body[($0 + 1)...]) } ?? []
    }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}
