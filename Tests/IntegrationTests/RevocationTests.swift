import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("A revoked certificate", .patient)
  struct RevocationTests {
    private static func authority(_ folder: URL) throws -> RevokingAuthority {
      let authority = try RevokingAuthority(folder, in: TestRun.shared().newFolder())
      try authority.publish()
      return authority
    }

    @Test(
      "The link of a revoked edge is cut within a second of the reload, stays away, and the other one stays")
    func edge() throws {
      let ours = try TestRun.shared().ours
      let authority = try Self.authority(ours)
      var options = Deployment.Options(edgeCount: 2)
      options.hubFlags = ["--tls-revocations", authority.list.path]
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        try authority.revoke(ours.appending(path: "edge-2.pem"))
        try authority.publish()
        hub.process?.signal(SIGHUP)
        try wait(for: "the reload") { hub.log.contains("reloaded: ") }
        let start = MonotonicClock.now()
        try wait(for: "the end of the link", within: .seconds(2)) {
          try hub.metrics()["emojitrack_hub_links_ended_total{end=\"revoked\"}"] == 1
        }
        // The hub looks once a second.
        #expect(start.duration(to: MonotonicClock.now()) < .milliseconds(1_500))
        try wait(for: "the edge's log") { deployment.edges[1].log.contains("The certificate is revoked.") }
        #expect(try hub.metrics()["emojitrack_hub_edge_up{node=\"edge-2\"}"] == 0)
        #expect(try hub.metrics()["emojitrack_hub_edge_up{node=\"edge-1\"}"] == 1)
        let probe = try LinkProbe(
          to: hub.linkAddress, certificate: "edge-2", in: ours, sending: LinkTests.hello("edge-2"))
        #expect(probe.received == [])
        try wait(for: "the refusal") { hub.log.contains("the certificate of edge-2 is revoked") }
      }
    }

    @Test("An edge leaves a hub whose certificate is revoked, by itself once the list has changed")
    func hub() throws {
      let ours = try TestRun.shared().ours
      let authority = try Self.authority(ours)
      var options = Deployment.Options(edgeCount: 1)
      options.edgeFlags = ["--tls-revocations", authority.list.path]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        try authority.revoke(ours.appending(path: "hub.pem"))
        try authority.publish()
        // Without a reload: the file is looked at every few seconds, and used at the second look.
        try wait(for: "the end of the link", within: .seconds(15)) {
          edge.log.contains("is revoked") && edge.log.contains("link to the hub lost")
        }
        try wait(for: "the refusal") { edge.log.contains("no link to the hub") }
      }
    }

    @Test("An operator with a revoked certificate is disconnected and refused, and another one is not")
    func operators() throws {
      let theirs = try TestRun.shared().theirs
      let authority = try Self.authority(theirs)
      let files = try AdminFiles()
      var options = Deployment.Options()
      options.edgeCount = 0
      options.hubFlags = try files.flags + ["--admin-clients-revocations", authority.list.path]
      try Deployment.run(options) { deployment in
        let approach = try files.approach(certificate: "edge-1")
        let watcher = try BlockingSocket(approach)
        try watcher.send(Array("GET /admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        try wait(for: "the watcher") { try deployment.hub.metrics()["emojitrack_hub_admin_watchers"] == 1 }
        try authority.revoke(theirs.appending(path: "edge-1.pem"))
        try authority.publish()
        deployment.hub.process?.signal(SIGHUP)
        try wait(for: "the reload") { deployment.hub.log.contains("reloaded: ") }
        try wait(for: "the end of the watcher", within: .seconds(2)) {
          try deployment.hub.metrics()["emojitrack_hub_admin_watchers"] == 0
        }
        #expect(throws: (any Error).self) {
          try HTTPClient.request("GET", "/admin/status.json", by: approach)
        }
        let other = try files.approach(certificate: "edge-2")
        #expect(try HTTPClient.request("GET", "/admin/status.json", by: other).status == 200)
        try wait(for: "the log") { deployment.hub.log.contains("the certificate of edge-1 is revoked") }
      }
    }
  }
}
