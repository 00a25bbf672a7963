import Foundation
import Reactor
import TLS
import Testing
import Wire

extension IntegrationTests {
  @Suite("A renewed certificate", .patient)
  struct RenewalTests {
    /// Replaces a certificate and its key, one after the other.
    static func install(
      _ name: String, certificate: URL, key: URL, into folder: URL
    ) throws {
      for (source, ending) in [(certificate, "pem"), (key, "key")] {
        let target = folder.appending(path: "\(name).\(ending)")
        let new = target.appendingPathExtension("new")
        try FileManager.default.copyItem(at: source.appending(path: "\(name).\(ending)"), to: new)
        try #require(unsafe rename(new.path, target.path) == 0)
      }
    }

    private static func folder(with name: String) throws -> URL {
      let folder = try TestRun.shared().newFolder()
      let ours = try TestRun.shared().ours
      try install(name, certificate: ours, key: ours, into: folder)
      return folder
    }

    private static func fingerprint(_ name: String, in folder: URL) throws -> String {
      try Identity(
        certificateFile: folder.appending(path: "\(name).pem").path,
        keyFile: folder.appending(path: "\(name).key").path
      ).certificate.fingerprint
    }

    /// The certificate that a hub's link shows to new connections.
    private static func shown(by hub: Hub) throws -> String? {
      let ours = try TestRun.shared().ours
      let context = try TLSContext.linkClient(
        identity: Identity(
          certificateFile: ours.appending(path: "edge-4.pem").path,
          keyFile: ours.appending(path: "edge-4.key").path),
        authority: ours.appending(path: "ca.pem").path, alpn: RelayProtocol.applicationProtocolName)
      return try BlockingSocket(Approach(address: hub.linkAddress, secure: context)).peerCertificate?
        .fingerprint
    }

    /// An edge's link as the hub reports it. A new link would come from another port.
    private static func link(of edge: String, at hub: Hub) throws -> [String] {
      let answer = try hub.ask("GET", "/admin/edges/\(edge)")
      let value = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
      return ["address", "state"].map { "\(value[$0] ?? "")" }
    }

    @Test("The hub shows edges a new certificate, on SIGHUP and by itself; no link or client is closed")
    func hub() throws {
      let folder = try Self.folder(with: "hub")
      let ours = try TestRun.shared().ours
      try Self.install("edge-1", certificate: ours, key: ours, into: folder)
      var options = Deployment.Options(edgeCount: 1)
      options.linkCertificates = folder
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let before = try deployment.redis.client().totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        let link = try Self.link(of: "edge-1", at: hub)
        #expect(try Self.shown(by: hub) == Self.fingerprint("hub", in: ours))

        let renewed = try TestRun.shared().renewedCertificates()
        try Self.install("hub", certificate: renewed, key: renewed, into: folder)
        hub.process?.signal(SIGHUP)
        try wait(for: "the new certificate", within: .seconds(3)) {
          try Self.shown(by: hub) == Self.fingerprint("hub", in: renewed)
        }

        // Half of a pair is refused as a whole, and the old pair stays.
        try Self.install("hub", certificate: ours, key: renewed, into: folder)
        hub.process?.signal(SIGHUP)
        try wait(for: "the refusal") { hub.log.contains("nothing is reloaded") }
        #expect(try Self.shown(by: hub) == Self.fingerprint("hub", in: renewed))

        let third = try TestRun.shared().renewedCertificates()
        try Self.install("hub", certificate: third, key: third, into: folder)
        try wait(for: "the certificate that nobody told of", within: .seconds(20)) {
          try Self.shown(by: hub) == Self.fingerprint("hub", in: third)
        }
        #expect(hub.log.contains("the new link certificate is used from now on"))

        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try Self.link(of: "edge-1", at: hub) == link)
        #expect(!client.isEnded)
        // An edge that reconnects trusts it, because the authority is the same.
        deployment.edges[0].kill()
        try deployment.edges[0].start()
        try deployment.edges[0].waitUntilReady()
      }
    }

    @Test("The edge shows a new certificate on its next link, on reload and by itself; its link stays")
    func edge() throws {
      let folder = try Self.folder(with: "edge-1")
      let ours = try TestRun.shared().ours
      let imposter = try FakeHub()
      try Deployment.run(Deployment.Options(edgeCount: 0)) { deployment in
        let hub = deployment.hub
        let edge = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [hub.linkPort, imposter.port], certificates: folder)
        try edge.start()
        defer { edge.kill() }
        try edge.waitUntilReady()
        let before = try deployment.redis.client().totals()
        let client = try edge.client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        try wait(for: "a report") { try Self.link(of: "edge-1", at: hub)[1] == "live" }
        let link = try Self.link(of: "edge-1", at: hub)
        func waitToBeShown(_ folder: URL) throws {
          let fingerprint = try Self.fingerprint("edge-1", in: folder)
          try wait(for: "the certificate", within: .seconds(60)) {
            imposter.certificates.last?.fingerprint == fingerprint
          }
        }
        try waitToBeShown(ours)

        let renewed = try TestRun.shared().renewedCertificates()
        try Self.install("edge-1", certificate: renewed, key: renewed, into: folder)
        #expect(try hub.ask("POST", "/admin/edges/edge-1/reload", body: "{}").status == 200)
        try waitToBeShown(renewed)
        try Self.install("edge-1", certificate: ours, key: renewed, into: folder)
        edge.process?.signal(SIGHUP)
        try wait(for: "the refusal") { edge.log.contains("nothing is reloaded") }

        let third = try TestRun.shared().renewedCertificates()
        try Self.install("edge-1", certificate: third, key: third, into: folder)
        try wait(for: "the certificate that nobody told of", within: .seconds(20)) {
          edge.log.contains("the new link certificate is used from the next link on")
        }
        try waitToBeShown(third)

        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try Self.link(of: "edge-1", at: hub) == link)
        #expect(!client.isEnded)
      }
    }

    @Test("The admin listener shows a new certificate, on SIGHUP and by itself; watchers go on")
    func admin() throws {
      let folder = try Self.folder(with: "hub")
      let files = try AdminFiles(showing: folder)
      var options = Deployment.Options(edgeCount: 0)
      options.hubFlags = try files.flags
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let ours = try TestRun.shared().ours
        let remote = try files.approach()
        func shown() throws -> String? { try BlockingSocket(remote).peerCertificate?.fingerprint }
        let watcher = try SSEClient(
          "/admin/events", by: remote, fields: AdminFiles.bearer(AdminFiles.readerToken))
        #expect(try shown() == Self.fingerprint("hub", in: ours))

        let renewed = try TestRun.shared().renewedCertificates()
        try Self.install("hub", certificate: renewed, key: renewed, into: folder)
        hub.process?.signal(SIGHUP)
        try wait(for: "the new certificate", within: .seconds(3)) {
          try shown() == Self.fingerprint("hub", in: renewed)
        }
        let third = try TestRun.shared().renewedCertificates()
        try Self.install("hub", certificate: third, key: third, into: folder)
        try wait(for: "the certificate that nobody told of", within: .seconds(20)) {
          try shown() == Self.fingerprint("hub", in: third)
        }
        #expect(hub.log.contains("the admin certificate: replaced from the file"))
        let count = watcher.eventCount
        try wait(for: "the status") { watcher.eventCount > count + 1 }
        #expect(!watcher.isEnded)
        #expect(
          try HTTPClient.request(
            "GET", "/admin/version", by: remote, fields: AdminFiles.bearer(AdminFiles.readerToken)
          ).status == 200)
      }
    }
  }
}
