import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Behind a proxy")
  struct ProxyTests {
    @Test(
      "The pages work below a path of another site", .enabled(if: Proxy.hasNginx, Proxy.isMissing))
    func subPath() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let edge = deployment.edges[0]
        let redis = try deployment.redis.client()
        let proxy = try Proxy.nginx(
          """
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          location /emoji/ { proxy_pass http://\(try edge.address)/; }
          location /the/hub/ { proxy_pass http://\(try deployment.hub.adminAddress)/; }
          """, in: deployment.folder)
        let viewer = try Browser("http://\(proxy.address)/emoji/", in: deployment.folder)
        try wait(for: "a live viewer", within: .seconds(30)) { try viewer.text(of: "#state") == "live" }
        let before = try #require(try viewer.number(of: "#sum"))
        try redis.tweet(["1F4C2", "2665"])
        try wait(for: "the scores") { try viewer.number(of: "#sum") == before + 2 }
        #expect(try viewer.value(of: "getComputedStyle(document.querySelector('#grid')).display") == "grid")
        try viewer.click(".tile")
        try wait(for: "details through the proxy") {
          try edge.metrics()["emojitrack_edge_clients{stream=\"details\"}"] == 1
        }
        #expect(try viewer.errors == [])

        let dashboard = try Browser("http://\(proxy.address)/the/hub/", in: deployment.folder)
        try wait(for: "a live dashboard", within: .seconds(30)) {
          try dashboard.text(of: "#freshness") == "live"
        }
        try wait(for: "the edge") { try dashboard.text(of: ".edge").contains("edge-1") }
        #expect(try dashboard.errors == [])
      }
    }

    @Test(
      "HAProxy with our example sends on at once, keeps cut and end apart, and closes for a client that leaves",
      .enabled(if: Proxy.hasHAProxy, Proxy.isMissing))
    func haproxy() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let edge = deployment.edges[0]
        let redis = try deployment.redis.client()
        let proxy = try Proxy.haproxy([edge], in: deployment.folder)
        let clients = try (0..<3).map { _ in try SSEClient("/subscribe/raw", at: proxy.address) }
        var delays: [Duration] = []
        for count in 1...40 {
          letPass(.milliseconds(60))
          let start = MonotonicClock.now()
          try redis.tweet(["1F4C2"])
          try wait(for: "the event") { clients[0].eventCount == count }
          delays.append(start.duration(to: MonotonicClock.now()))
        }
        // Without the option for that, the median is above 100 ms.
        #expect(delays.sorted()[20] < .milliseconds(50), "\(delays.sorted()[20])")

        clients[2].close()
        try wait(for: "its end at the edge") {
          try edge.metrics()["emojitrack_edge_clients{stream=\"raw\"}"] == 2
        }
        let answer = try deployment.hub.ask(
          "POST", "/admin/edges/edge-1/shed", body: #"{"clients":1,"window":0}"#)
        #expect(answer.status == 200)
        try wait(for: "an end") { clients.prefix(2).contains { $0.isEnded } }
        edge.kill()
        try wait(for: "a cut") { clients.prefix(2).allSatisfy { $0.isEnded } }
        #expect(clients.prefix(2).count { $0.isComplete } == 1)
      }
    }
  }
}
