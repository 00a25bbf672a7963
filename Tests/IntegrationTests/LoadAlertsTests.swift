import Foundation
import Reactor
import TestSupport
import Testing

extension IntegrationTests {
  /// The alerts about overloaded parts and excessive clients, with a Prometheus as in ``AlertsTests``.
  @Suite("Alerts about load", .patient, .enabled(if: Prometheus.isThere, Prometheus.isMissing))
  struct LoadAlertsTests {
    private static func run(
      _ options: Deployment.Options, _ body: (Deployment, Prometheus) throws -> Void
    ) throws {
      var options = options
      // A minute of the rules passes in a second.
      options.hubFlags += ["--report-interval", "200ms"]
      try Deployment.run(options) { deployment in
        let prometheus = try Prometheus(watching: deployment.hubs)
        defer { prometheus.stop() }
        try body(deployment, prometheus)
      }
    }

    @Test("Rejected clients, and failed handshakes")
    func refusals() throws {
      var options = Deployment.Options(edgeCount: 1)
      options.edgeFlags = ["--clients-address-maximum", "1"]
      options.secure = try TestRun.shared().ours
      try Self.run(options) { deployment, prometheus in
        let edge = deployment.edges[0]
        let only = try edge.client("/subscribe/eps")
        defer { only.close() }
        let path = "/subscribe/eps"
        try prometheus.waitUntilFired(["ClientsRefused"]) {
          let answer = try HTTPClient.request("GET", path, by: edge.plain)
          #expect(answer.status == 503)
        }
        try prometheus.waitUntilSilent()
        let door = try Approach(address: edge.secure().address)
        try prometheus.waitUntilFired(["HandshakesFail"]) {
          for _ in 0..<3 { try BlockingSocket(door).send(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
        }
        try prometheus.waitUntilSilent()
      }
    }

    @Test("An edge that is held up, an edge that cannot keep the pace, and a hub that is held up")
    func heldUp() throws {
      var options = Deployment.Options(edgeCount: 1)
      options.hubFlags = ["--tick", "1ms"]
      try Self.run(options) { deployment, prometheus in
        let edge = deployment.edges[0]
        let feed = try TweetFeed(deployment.redis.address, rate: 2_000)
        var clients = try (0..<20).map { _ in try edge.client("/subscribe/eps") }
        let held = try Throttle(#require(edge.process), stopped: 400, running: 40)
        do {
          defer { held.end() }
          try prometheus.waitUntilFired(["DeliverySlow"], besides: ["Governor"])
        }
        try prometheus.waitUntilSilent()

        // A flush for this many clients takes longer than a millisecond.
        let more = try (0..<1_000).map { _ in try SSEClient("/subscribe/eps", by: edge.plain, waits: false) }
        clients += more
        try prometheus.waitUntilFired(["Governor"], besides: ["DeliverySlow"])
        for client in more { client.close() }
        try prometheus.waitUntilSilent()

        let busy = try Throttle(#require(deployment.hub.process), stopped: 120, running: 8)
        do {
          defer { busy.end() }
          try prometheus.waitUntilFired(["HubBusy"], besides: ["DeliverySlow", "HubDown", "EdgeStale"])
        }
        try feed.stop()
        try prometheus.waitUntilSilent()
        for client in clients.prefix(20) { client.close() }
      }
    }
  }
}
