import Foundation
import Testing

extension IntegrationTests {
  /// A machine without a battery starts in the past, and its clock is set later. Until then no certificate is valid
  /// yet.
  @Suite("Certificates that are not valid now")
  struct WrongClockTests {
    /// A Redis with totals, and a hub and an edge with these certificates on the link.
    private struct Fleet {
      let redis: RedisServer
      let hub: Hub
      let edge: EdgeNode

      init(_ certificates: URL, hubFlags: [String] = [], secure: URL? = nil) throws {
        let folder = try TestRun.shared().newFolder()
        redis = try RedisServer(in: folder)
        try redis.client().command("ZADD", "emojitrack_score", "7", "1F602")
        hub = try Hub(in: folder, redisURL: redis.url, certificates: certificates, flags: hubFlags)
        edge = try EdgeNode(
          "edge-1", in: folder, hubPorts: [hub.linkPort], certificates: certificates, secure: secure)
        try hub.start()
        try edge.start()
      }

      /// Checks that both serve, and neither is ready.
      func expectWaiting(_ word: String) throws {
        try wait(for: "the link's listener") { hub.log.contains("messages come from Redis") }
        try wait(for: "the edge") {
          (try? HTTPClient.request("GET", "/healthz", by: edge.plain).status) == 200
        }
        try wait(for: "the words") { hub.log.contains(word) && edge.log.contains(word) }
        let ready = try HTTPClient.request("GET", "/readyz", at: hub.adminAddress)
        #expect(ready.status == 503 && ready.text.contains("the certificate of the link is not valid now"))
        let edgeReady = try HTTPClient.request("GET", "/readyz", by: edge.plain)
        #expect(edgeReady.status == 503 && edgeReady.text.contains("not valid now"), "\(edgeReady.text)")
        #expect(try hub.metrics()["emojitrack_hub_ready"] == 0)
      }

      /// Checks that both become ready by themselves, as the same processes.
      func expectRecovery() throws {
        try wait(for: "both", within: .seconds(40)) { hub.isReady && edge.isReady }
        let client = try edge.client("/subscribe/eps")
        try client.waitForBeginning()
        try redis.client().tweet(["1F602"])
        try wait(for: "the tweet") { client.sums["1F602"] == 1 }
        // The dates are checked each second.
        try wait(for: "the good news") { [hub.log, edge.log].allSatisfy { $0.contains("\"valid now\"") } }
        for log in [hub.log, edge.log] {
          let lines = log.split(separator: "\n")
          #expect(lines.count { $0.contains("\"started\"") } == 1)
          // Logged once a minute, and this took less.
          #expect(lines.count { $0.contains("not valid now") } == 1, "\(log)")
          #expect(lines.count { $0.contains("\"valid now\"") } == 1, "\(log)")
        }
        #expect(hub.process?.poll() == nil && edge.process?.poll() == nil)
      }

      func stop() {
        edge.kill()
        hub.kill()
        redis.stop()
      }
    }

    @Test("Hub and edge start before their certificates are valid, are not ready, and become ready in time")
    func early() throws {
      let fleet = try Fleet(TestRun.shared().renewedCertificates(from: "12 seconds"))
      defer { fleet.stop() }
      try fleet.expectWaiting("is not valid before")
      try fleet.expectRecovery()
    }

    private static func check(_ program: String, _ name: String, in folder: URL) throws -> (
      ProcessEnd, String
    ) {
      let process = try ChildProcess(
        program, TestRun.binary(program),
        [
          "check", "--tls-certificate", folder.appending(path: "\(name).pem").path,
          "--tls-key", folder.appending(path: "\(name).key").path,
          "--tls-authority", TestRun.shared().ours.appending(path: "ca.pem").path,
        ], log: folder.appending(path: "check").path)
      return (try process.waitForEnd(within: .seconds(20)), process.log)
    }

    @Test(
      "With expired certificates they start too, a check fails, and new certificates in their place suffice"
    )
    func expired() throws {
      let old = try TestRun.shared().renewedCertificates(from: "3 days ago", until: "1 day ago")
      let fleet = try Fleet(old)
      defer { fleet.stop() }
      try fleet.expectWaiting("expired on")
      for (program, name) in [("emojitrack-hub", "hub"), ("emojitrack-edge", "edge-1")] {
        let (end, output) = try Self.check(program, name, in: old)
        #expect(end == .exited(1))
        #expect(
          output.contains("fail  tls.certificate, tls.key: ") && output.contains("expired on"),
          "\(output)")
      }

      let good = try TestRun.shared().renewedCertificates()
      for name in ["hub", "edge-1"] {
        try RenewalTests.install(name, certificate: good, key: good, into: old)
      }
      try fleet.expectRecovery()
    }

    @Test(
      "Peers judge the certificates that they are shown: hub and edge are ready, and report the fault"
    )
    func shownToOthers() throws {
      let old = try TestRun.shared().renewedCertificates(from: "3 days ago", until: "1 day ago")
      let files = try AdminFiles(showing: old)
      let fleet = try Fleet(TestRun.shared().ours, hubFlags: files.flags, secure: old)
      defer { fleet.stop() }
      try fleet.hub.waitUntilReady()
      try fleet.edge.waitUntilReady()
      for (log, setting) in [
        (fleet.hub.log, "admin.https.certificate"), (fleet.edge.log, "https.certificate"),
      ] {
        let line = log.split(separator: "\n").first { $0.contains("not valid now") }
        #expect(line?.contains(setting) == true && line?.contains("expired on") == true, "\(log)")
      }
    }
  }
}
