import Foundation
import TestSupport
import Testing

extension IntegrationTests {
  /// A Prometheus evaluates our rules, sixty times faster than usual, while the alerts' causes happen.
  @Suite("Alerts", .patient, .enabled(if: Prometheus.isThere, Prometheus.isMissing))
  struct AlertsTests {
    /// How long a rule that looks back ten minutes needs to be silent again, with some reserve.
    private static let quiet = Duration.seconds(4)

    private static func run(
      _ options: Deployment.Options, _ body: (Deployment, Prometheus) throws -> Void
    ) throws {
      try Deployment.run(options) { deployment in
        let prometheus = try Prometheus(watching: deployment.hubs, deployment.edges)
        defer { prometheus.stop() }
        letPass(Self.quiet)
        #expect(try prometheus.firing() == [], "all is well")
        try body(deployment, prometheus)
      }
    }

    @Test("A lost edge, a full one, rights that Redis revokes, and totals that do not add up")
    func edgesAndScores() throws {
      var options = Deployment.Options()
      options.hubFlags = ["--fence-interval", "300ms"]
      options.edgeFlags = ["--clients-maximum", "5"]
      options.redisFlags = ["--user", "relay", "on", ">secret", "~*", "&*", "+@all"]
      options.login = "relay:secret@"
      try Self.run(options) { deployment, prometheus in
        let redis = try deployment.redis.client()
        var clients = try (0..<5).map { _ in try deployment.edges[0].client("/subscribe/eps") }
        deployment.edges[1].kill()
        try redis.command("ACL", "SETUSER", "relay", "-hset")
        try redis.command("ZINCRBY", "emojitrack_score", "3", "2665")
        try wait(for: "the repair") {
          try deployment.hub.page().scores.fences.repairedWhileConnected == 3
        }
        try prometheus.waitUntilFired([
          "ScoresLost", "EdgeAway", "EdgeFull", "EdgeNotReadyFull", "RedisRefuses",
        ])
        try deployment.edges[1].start()
        for client in clients { client.close() }
        clients = []
        try redis.command("ACL", "SETUSER", "relay", "+hset")
        try prometheus.waitUntilSilent()
        #expect(try deployment.hub.page().scores.fences.lineagesBegun == 1)

        // Increments that were published and not counted are taken back. An edge that is lost for good is forgotten.
        try redis.publish("stream.score_updates", Array("1F4C2".utf8))
        deployment.edges[1].kill()
        try prometheus.waitUntilFired(["ScoresTakenBack", "EdgeAway"])
        #expect(try deployment.hub.ask("DELETE", "/admin/edges/edge-2").status == 200)
        try prometheus.waitUntilSilent()
      }
    }

    @Test(
      "A hub that is down, an interrupted feed, unreadable totals, and a history that ends")
    func hubAndRedis() throws {
      var options = Deployment.Options(edgeCount: 1)
      options.hubFlags = ["--fence-interval", "300ms"]
      options.redisFlags = ["--user", "relay", "on", ">secret", "~*", "&*", "+@all"]
      options.login = "relay:secret@"
      try Self.run(options) { deployment, prometheus in
        try deployment.redis.shutDown()
        try prometheus.waitUntilFired(["FeedInterrupted", "EdgeStale"])
        try deployment.redis.start()
        try prometheus.waitUntilSilent()

        let redis = try deployment.redis.client()
        try redis.command("ACL", "SETUSER", "relay", "-@sortedset")
        try prometheus.waitUntilFired(["HubUnanchored"])
        try redis.command("ACL", "SETUSER", "relay", "+@all")
        // The earlier history continues, so it is not a new lineage.
        try prometheus.waitUntilSilent()

        try redis.command("FLUSHALL")
        try prometheus.waitUntilFired(["LineageBegun"])
        try prometheus.waitUntilSilent()

        deployment.hub.kill()
        try prometheus.waitUntilFired(["HubDown"])
        try deployment.hub.start()
        // The hub's counters start at zero, including the first lineage.
        try prometheus.waitUntilSilent()
        letPass(Self.quiet)
        #expect(try prometheus.firing() == [])
      }
    }

    @Test("An edge whose memory is short", MemoryGroup.condition)
    func memory() throws {
      let limit = 64 << 20
      let group = try MemoryGroup(limit: limit)
      var options = Deployment.Options(edgeCount: 1)
      options.memory = group
      try Self.run(options) { deployment, prometheus in
        var ballast = [try group.ballast(limit / 100 * 84 - group.used, in: deployment.folder)]
        try prometheus.waitUntilFired(["EdgeMemoryShort"])
        ballast.removeAll()
        try prometheus.waitUntilSilent()
      }
      try group.remove()
    }

    @Test("A certificate that ends soon, guessed tokens, and a log that is not read")
    func operation() throws {
      let run = try TestRun.shared()
      let certificates = try run.renewedCertificates(until: "3 days")
      let files = try AdminFiles()
      let pipe = UnreadPipe()
      let folder = try run.newFolder()
      let redis = try RedisServer(in: folder)
      let hub = try Hub(in: folder, redisURL: redis.url, certificates: certificates, flags: files.flags)
      defer {
        hub.kill()
        redis.stop()
      }
      try redis.client().command("ZADD", "emojitrack_score", "7", "1F602")
      try hub.start(standardError: pipe.writing)
      try hub.waitUntilReady()
      let prometheus = try Prometheus(watching: [hub])
      defer { prometheus.stop() }
      try prometheus.waitUntilFired(["CertificateEnds"])
      let path = "/" + String(repeating: "x", count: 4_000)
      let stranger = try files.approach()
      let wrong = AdminFiles.bearer(String(repeating: "x", count: 40))
      try prometheus.waitUntilFired(["CertificateEnds", "LogDropped", "AdminGuessed"]) {
        _ = try HTTPClient.request("GET", "/admin/status.json", by: stranger, fields: wrong)
        // Each of these is a line of the log, some of which the hub suppresses itself.
        for _ in 0..<20 { _ = try hub.ask("POST", path, body: "{}") }
      }
      for name in ["hub.pem", "hub.key"] {
        let source = run.ours.appending(path: name)
        let target = certificates.appending(path: name)
        let new = folder.appending(path: name)
        try FileManager.default.copyItem(at: source, to: new)
        try #require(unsafe rename(new.path, target.path) == 0)
      }
      let reader = Task.detached { while !Task.isCancelled { _ = pipe.read() } }
      defer { reader.cancel() }
      try prometheus.waitUntilSilent()
    }
  }
}
