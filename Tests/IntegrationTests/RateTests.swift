import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Requested rates")
  struct RateTests {
    @Test("hz=10 gives ten events a second, and exact sums")
    func ten() throws {
      try Self.run { edge, deployment in
        let before = try deployment.redis.client().totals()
        let full = try edge.client("/subscribe/eps")
        let merged = try [edge.plain, edge.secure()].map { try SSEClient("/subscribe/eps?hz=10", by: $0) }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(100)
        let (counts, fullCount, start) = (merged.map(\.eventCount), full.eventCount, MonotonicClock.now())
        try wait(for: "thirty events") {
          zip(merged, counts).allSatisfy { $0.eventCount - $1 >= 30 }
        }
        let elapsed = start.duration(to: MonotonicClock.now())
        #expect(elapsed > .milliseconds(2_800) && elapsed < .milliseconds(4_500))
        for (client, count) in zip(merged, counts) {
          #expect(client.eventCount - count <= Int(elapsed.wholeMilliseconds / 100) + 2)
        }
        #expect(full.eventCount - fullCount > 60)
        try feed.stop()
        try deployment.expectExactSums(of: merged + [full], since: before)
      }
    }

    @Test("A client that joins between two events gets the growth since it joined, and nothing earlier")
    func joinBetween() throws {
      try Self.run { edge, deployment in
        for approach in [try edge.plain, try edge.secure()] {
          // The client must join within the second that the other one waits.
          let joined = try (0..<10).contains { _ in try Self.joinBetween(approach, deployment) }
          #expect(joined)
        }
      }
    }

    /// False if the second was over before the client had joined.
    private static func joinBetween(_ approach: Approach, _ deployment: Deployment) throws -> Bool {
      let redis = try deployment.redis.client()
      let first = try SSEClient("/subscribe/eps?hz=1", by: approach)
      let watcher = try SSEClient("/subscribe/eps", by: approach)
      defer { for client in [first, watcher] { client.close() } }
      let start = try redis.totals()
      try redis.tweet(["A"])
      try wait(for: "the first event") { first.eventCount == 1 }
      try redis.tweet(["B"])
      // Now the increment is in the log, and waits for the end of the second.
      try wait(for: "its delivery") { watcher.sums["B"] == 1 }
      let second = try SSEClient("/subscribe/eps?hz=1", by: approach)
      defer { second.close() }
      try redis.tweet(["C"])
      try wait(for: "C") { watcher.sums["C"] == 1 }
      guard first.eventCount == 1 else { return false }
      try wait(for: "the second event") { first.eventCount == 2 && second.eventCount == 1 }
      #expect(first.sums == ["A": 1, "B": 1, "C": 1])
      #expect(second.sums == ["C": 1])
      #expect(growth(from: start, to: try redis.totals()) == first.sums)
      return true
    }

    @Test("An invalid rate is refused with the allowed ones")
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
