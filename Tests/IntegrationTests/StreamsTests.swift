import Foundation
import Testing

extension IntegrationTests {
  @Suite("Streams")
  struct StreamsTests {
    @Test("Two edges give the same raw stream, and sums that equal the growth of the totals")
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
        #expect(raws[0].body.drop { $0 != 0x0a } == raws[1].body.drop { $0 != 0x0a })
        try deployment.expectExactSums(of: sums, since: before)
        let page = try deployment.hub.page()
        #expect(page.messages.residual == 0)
        #expect(page.scores.position == (try redis.totals()).values.reduce(0, +))
      }
    }
  }
}
