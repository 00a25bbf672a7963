import Testing

extension IntegrationTests {
  @Suite("Rates that clients ask for")
  struct RateTests {
    @Test("hz=10 gives ten events a second, and exact sums")
    func ten() throws {
      try Self.run { edge, deployment in
        let before = try deployment.redis.client().totals()
        let full = try edge.client("/subscribe/eps")
        let merged = try [edge.plain, edge.secure()].map { try SSEClient("/subscribe/eps?hz=10", by: $0) }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(100)
        let start = (merged.map(\.eventCount), full.eventCount)
        letPass(.seconds(3))
        for (client, count) in zip(merged, start.0) { #expect((20...32).contains(client.eventCount - count)) }
        #expect(full.eventCount - start.1 > 60)
        try feed.stop()
        try deployment.expectExactSums(of: merged + [full], since: before)
      }
    }

    @Test("Who joins between two events is given what came after it did, and nothing from before")
    func joinBetween() throws {
      try Self.run { edge, deployment in
        let redis = try deployment.redis.client()
        for approach in [try edge.plain, try edge.secure()] {
          let first = try SSEClient("/subscribe/eps?hz=1", by: approach)
          let watcher = try SSEClient("/subscribe/eps", by: approach)
          let start = try redis.totals()
          try redis.tweet(["A"])
          try wait(for: "the first event") { first.eventCount == 1 }
          try redis.tweet(["B"])
          // Now it is in the log, and waits for the second to be over.
          try wait(for: "its delivery") { watcher.sums["B"] == 1 }
          let second = try SSEClient("/subscribe/eps?hz=1", by: approach)
          #expect(first.eventCount == 1)
          try redis.tweet(["C"])
          try wait(for: "the second event") { first.eventCount == 2 && second.eventCount == 1 }
          #expect(first.sums == ["A": 1, "B": 1, "C": 1])
          #expect(second.sums == ["C": 1])
          #expect(growth(from: start, to: try redis.totals()) == first.sums)
        }
      }
    }

    @Test("A rate that is none is answered with what is allowed")
    func refused() throws {
      try Self.run { edge, _ in
        for rate in ["0", "61", "x", "", "-1", "1.5", "99999999999999999999"] {
          let answer = try HTTPClient.request("GET", "/subscribe/eps?hz=\(rate)", at: edge.address)
          #expect(answer.status == 400, "\(rate)")
          #expect(answer.text == "hz must be a whole number from 1 to 60.\n")
        }
        for rate in [1, 58, 60] { #expect(try edge.client("/subscribe/eps?hz=\(rate)").retries.count == 1) }
      }
    }

    private static func run(_ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "1"]
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }
  }
}
