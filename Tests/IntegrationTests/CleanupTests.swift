import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Features of the predecessors", .patient)
  struct CleanupTests {
    private static let mine = "client=0123456789abcdef"
    private static let other = "client=fedcba9876543210"

    private static func options(_ flags: [String]) -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags + ["--workers", "2"]
      return options
    }

    @Test(
      "A page closes its own streams, on any worker, and no others behind the same address"
    )
    func cleanup() throws {
      try Deployment.run(Self.options([])) { deployment in
        let edge = deployment.edges[0]
        let mine = try (0..<6).map {
          try edge.client("/subscribe/\($0 % 2 == 0 ? "eps" : "raw")?\(Self.mine)")
        }
        let details = try edge.client("/subscribe/details/1F4C2?\(Self.mine)")
        let others = try ["?\(Self.other)", ""].map { try edge.client("/subscribe/eps\($0)") }
        func cleanUp(_ path: String) throws -> HTTPAnswer {
          try HTTPClient.request(
            "POST", "/subscribe/cleanup/\(path)", at: edge.address, fields: "Content-Length: 0\r\n")
        }
        let nobody = try cleanUp("scores")
        #expect(nobody.status == 200)
        #expect(nobody.text == #"{"status":"OK","closed":0}"#)
        #expect(nobody.fields["access-control-allow-origin"] == "*")
        #expect(try cleanUp("scores?\(Self.mine)").text == #"{"status":"OK","closed":6}"#)
        for client in mine {
          try wait(for: "the end of the stream") { client.isEnded }
          #expect(client.retries.count == 2)
        }
        #expect(!details.isEnded)
        #expect(try cleanUp("details/1F4C2?\(Self.mine)").text == #"{"status":"OK","closed":1}"#)
        try wait(for: "the end of the details") { details.isEnded }
        #expect(try cleanUp("scores?\(Self.mine)").text == #"{"status":"OK","closed":0}"#)
        #expect(others.allSatisfy { !$0.isEnded })
        #expect(
          try HTTPClient.request("GET", "/subscribe/cleanup/scores", at: edge.address).fields["allow"]
            == "POST, OPTIONS")
        try wait(for: "the ends of the connections") {
          try edge.metrics()["emojitrack_edge_connections_closed_total{reason=\"cleanedUp\"}"] == 7
        }
      }
    }

    @Test("The kiosk stream has each channel's messages under its name")
    func kiosk() throws {
      var options = Self.options(["--kiosk-enabled", "true"])
      options.hubFlags = ["--interaction-enabled", "true"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let client = try edge.client("/subscribe/kiosk_interaction")
        try deployment.waitForTopics(1, of: edge)
        let redis = try deployment.redis.client()
        try redis.publish("stream.interaction.request", Array(#"{"char":"1F4C2"}"#.utf8))
        try redis.publish("stream.interaction.other", Array("a\nb".utf8))
        try wait(for: "the events") { client.eventCount == 2 }
        #expect(client.events.map(\.name) == ["stream.interaction.request", "stream.interaction.other"])
        #expect(client.events.map(\.text) == [#"{"char":"1F4C2"}"#, "a\nb"])
        let page = try HTTPClient.request("GET", "/admin/status.json", at: edge.address).text
        #expect(page.contains(#""namespace":"/kiosk_interaction""#))
      }
    }

    @Test("If streams are limited in age, each client is asked to reconnect, at a time of its own")
    func refresh() throws {
      try Deployment.run(Self.options(["--refresh-after", "3s"])) { deployment in
        let start = MonotonicClock.now()
        let clients = try (0..<30).map { _ in try deployment.edges[0].client("/subscribe/eps") }
        var ends: [Duration] = []
        try wait(for: "the ends") {
          let ended = clients.count(where: \.isEnded)
          while ends.count < ended { ends.append(start.duration(to: MonotonicClock.now())) }
          return ended == clients.count
        }
        #expect((ends.min() ?? .zero) > .seconds(2))
        #expect(clients.allSatisfy { $0.retries.count == 2 && $0.isAtBorder })
        try wait(for: "the ends of the connections") {
          try deployment.edges[0].metrics()["emojitrack_edge_connections_closed_total{reason=\"refreshed\"}"]
            == 30
        }
      }
    }
  }
}
