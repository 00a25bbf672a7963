import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("Streams", .patient)
  struct StreamsTests {
    @Test(
      "Two edges give the same raw stream in the order of publishing, and sums that equal the totals' growth"
    )
    func twoEdges() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let sums = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let raws = try deployment.edges.map { try $0.client("/subscribe/raw") }
        for edge in deployment.edges { try deployment.waitForTopics(1, of: edge) }

        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(600)
        try feed.stop()

        for raw in raws {
          try wait(for: "all raw events") { raw.eventCount >= feed.sent.count }
          #expect(raw.events == feed.sent.map { ServerSentEvent(name: "message", data: Array($0.utf8)) })
        }
        #expect(raws[0].events == raws[1].events)
        try deployment.expectExactSums(of: sums, since: before)
        let page = try deployment.hub.page()
        #expect(page.messages.residual == 0)
        #expect(page.scores.anchored)
        #expect(page.scores.position == (try redis.totals()).values.reduce(0, +))
      }
    }

    @Test("The eps sums of a minute (10 s unless EMOJITRACK_MINUTE=1) equal the growth of the totals")
    func minute() throws {
      let isMinute = ProcessInfo.processInfo.environment["EMOJITRACK_MINUTE"] == "1"
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let clients = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let feed = try TweetFeed(deployment.redis.address, rate: 250)
        letPass(.seconds(isMinute ? 60 : 10))
        try feed.stop()
        #expect(feed.sent.count > (isMinute ? 14_000 : 2_000))
        try deployment.expectExactSums(of: clients, since: before)
      }
    }

    @Test(
      "Everything that the feeder writes arrives: each tweet once in raw, and sums that equal the totals' growth"
    )
    func feeder() throws {
      try Deployment.run { deployment in
        let before = try deployment.redis.client().totals()
        let sums = try deployment.edges.map { try $0.client("/subscribe/eps") }
        let raw = try deployment.edges[0].client("/subscribe/raw")
        let details = try deployment.edges[1].client("/subscribe/details/1F602")
        for edge in deployment.edges { try deployment.waitForTopics(1, of: edge) }
        let feeder = try ChildProcess(
          "feeder", TestRun.binary("emojitrack-feeder"),
          ["--rate", "2000", "--count", "2000", "--seed", "1"],
          environment: ["REDIS_URL": deployment.redis.url],
          log: deployment.folder.appending(path: "feeder.log").path)
        #expect(try feeder.waitForEnd() == .exited(0), "\(feeder.log)")
        try wait(for: "all raw events") { raw.eventCount >= 2_000 }
        #expect(raw.eventCount == 2_000)
        let ofDetails = raw.events.count { $0.text == "1F602" }
        #expect(ofDetails > 0)
        try wait(for: "the details") { details.eventCount >= ofDetails }
        try deployment.expectExactSums(of: sums, since: before)
      }
    }

    @Test("Details arrive for the requested id only, under its own event name")
    func details() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let edge = deployment.edges[0]
        let short = try edge.client("/subscribe/details/1F1")
        let long = try edge.client("/subscribe/details/1F1EF")
        let pair = try edge.client("/subscribe/details/1F1%45F-1F1F5")
        try deployment.waitForTopics(3, of: edge)
        for (index, id) in ["1F1EF", "1F1", "1F1EF-1F1F5", "1F1E", "1F1", "1F1EF", "1F1EF-1F1F5"].enumerated()
        {
          try redis.tweet([id], payload: "{\"n\":\(index)}")
        }
        for (client, id, numbers) in [
          (short, "1F1", [1, 4]), (long, "1F1EF", [0, 5]), (pair, "1F1EF-1F1F5", [2, 6]),
        ] {
          try wait(for: "details of \(id)") { client.eventCount >= 2 }
          #expect(
            client.events
              == numbers.map {
                ServerSentEvent(name: "stream.tweet_updates.\(id)", data: Array("{\"n\":\($0)}".utf8))
              })
        }
      }
    }

    @Test("All details reach clients that ask for them, if the operator offers it")
    func allDetails() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--details-all-enabled", "true"]
      try Deployment.run(options) { deployment in
        let client = try deployment.edges[0].client("/subscribe/details")
        try deployment.waitForTopics(1, of: deployment.edges[0])
        let ids = ["1F4C2", "2665", "1F4C2"]
        try deployment.redis.client().tweet(ids)
        try wait(for: "all details") { client.eventCount == ids.count }
        #expect(client.events.map(\.name) == ids.map { "stream.tweet_updates.\($0)" })
      }
    }
  }
}
