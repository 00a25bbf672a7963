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

    @Test("Slow clients that miss events, and a link that is too slow")
    func slowReaders() throws {
      try Self.run(Deployment.Options(edgeCount: 1)) { deployment, prometheus in
        let edge = deployment.edges[0]
        let redis = try deployment.redis.client()
        let payload = Array("\"\(String(repeating: "x", count: 60_000))\"".utf8)
        let clients = try (0..<10).map { _ in
          let socket = try BlockingSocket(edge.plain)
          try socket.send(Array("GET /subscribe/details/1F602 HTTP/1.1\r\nHost: relay\r\n\r\n".utf8))
          return socket
        }
        try deployment.waitForTopics(1, of: edge)
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var (turn, tweetsPerTurn) = (0, 10)
        func goOn() throws {
          for _ in 0..<tweetsPerTurn { try redis.publish("stream.tweet_updates.1F602", payload) }
          turn += 1
          guard turn.isMultiple(of: 4) else { return }
          // Each client pauses until its socket is full, and then reads all: what came in between is lost to it.
          let client = clients[turn / 4 % clients.count]
          while case .moved = client.receiveNow(into: &buffer) {}
        }
        try prometheus.waitUntilFired(["EventsSkipped"], goOn)
        try prometheus.waitUntilSilent()

        // First the buffers of the link's socket must be full.
        tweetsPerTurn = 25
        let held = try Throttle(#require(edge.process), stopped: 2_500, running: 150)
        do {
          defer { held.end() }
          // Events that wait for the edge are late at its clients too, and the slow clients still miss some.
          try prometheus.waitUntilFired(
            ["LinkSlow"], besides: ["EventsSkipped", "DeliverySlow", "EdgeStale"], goOn)
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

        let busy = try Throttle(
          #require(deployment.hub.process), stopped: 120, running: 20, isBusy: true)
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
