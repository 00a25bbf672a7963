import Foundation
import Primitives
import TLS
import TestSupport
import Testing
import Wire

extension IntegrationTests {
  @Suite("Access to the link", .patient)
  struct LinkTests {
    /// A stranger's credentials, and the words that the hub's log must have.
    struct Stranger: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let certificate: String?
      var isForeign = false
      let log: String
    }

    @Test(
      "A stranger is refused, with the reason in the hub's log, and gets not one byte",
      arguments: [
        Stranger(
          testDescription: "another authority's certificate", certificate: "edge-1", isForeign: true,
          log: "the certificate of edge-1 is not signed by"),
        Stranger(testDescription: "no certificate", certificate: nil, log: "the peer showed no certificate"),
        Stranger(
          testDescription: "an expired certificate", certificate: "edge-old",
          log: "the certificate of edge-old expired on"),
      ])
    func refused(_ stranger: Stranger) throws {
      let run = try TestRun.shared()
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let probe = try LinkProbe(
          to: deployment.hub.linkAddress, certificate: stranger.certificate,
          in: stranger.isForeign ? run.theirs : run.ours, sending: Self.hello("edge-2"))
        #expect(probe.received == [])
        #expect(probe.reason.contains("the peer refused us"))
        try wait(for: "the hub's log line") { deployment.hub.log.contains(stranger.log) }
        #expect(deployment.hub.log.contains("an edge was refused"))
        #expect(try deployment.hub.metrics()["emojitrack_hub_handshakes_failed_total"] == 1)
        #expect(try deployment.hub.page().edges.map(\.node) == ["edge-1"])
      }
    }

    @Test(
      "A server's certificate is not an edge's: it is refused with the reason in the log, and gets not one byte"
    )
    func wrongPurpose() throws {
      let run = try TestRun.shared()
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        // Our own TLS would not even offer such a certificate as a client.
        let arguments = [
          "s_client", "-quiet", "-tls1_3", "-alpn", RelayProtocol.applicationProtocolName,
          "-connect", "127.0.0.1:\(deployment.hub.linkPort)", "-CAfile",
          run.ours.appending(path: "ca.pem").path,
          "-cert", run.ours.appending(path: "hub.pem").path, "-key", run.ours.appending(path: "hub.key").path,
        ]
        let command = "exec openssl \(arguments.joined(separator: " ")) 2>/dev/null"
        let client = try ChildProcess(
          "openssl", "sh", ["-c", command], log: deployment.folder.appending(path: "openssl.log").path)
        _ = try client.waitForEnd()
        #expect(client.log == "")
        try wait(for: "the hub's log line") {
          deployment.hub.log.contains("lacks clientAuth in its extended key usage")
        }
      }
    }

    @Test("An edge with another authority's certificate reports the refusal, and does not become ready")
    func foreignEdge() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let edge = try EdgeNode(
          "edge-1", in: try TestRun.shared().newFolder(), hubPorts: [deployment.hub.linkPort],
          certificates: TestRun.shared().theirs)
        try edge.start()
        try wait(for: "the edge's log line") { edge.log.contains("the peer refused us: unknown ca") }
        #expect(!edge.isReady)
        #expect(try edge.metrics()["emojitrack_edge_link_frames_total{hub=\"1\"}"] == 0)
        #expect(deployment.edges[0].isReady)
      }
    }

    @Test("An edge refuses a hub whose certificate does not have the expected name")
    func falseHub() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let edge = try EdgeNode(
          "edge-2", in: deployment.folder, hubPorts: [deployment.hub.linkPort],
          flags: ["--hub-name", "other.example"])
        try edge.start()
        try wait(for: "the edge's log line") { edge.log.contains("is not valid for the name other.example") }
        #expect(!edge.isReady)
      }
    }

    @Test("Of connections without a hello the oldest give way: an edge is welcomed among 1,200 of them")
    func beginners() throws {
      try Deployment.run(Deployment.Options(edgeCount: 0)) { deployment in
        let door = try deployment.hub.linkAddress
        let silent = try (0..<1_200).map { _ in try BlockingSocket(door) }
        let edge = try ProbeEdge("edge-1", to: door)
        let metrics = try deployment.hub.metrics()
        #expect(metrics["emojitrack_hub_links_welcomed_total"] == 1)
        // A hub keeps 1,024 of them.
        #expect(metrics["emojitrack_hub_handshakes_failed_total"] ?? 0 >= 177)
        #expect(deployment.hub.log.contains("too many connections that are not open yet"))
        withExtendedLifetime((silent, edge)) {}
      }
    }

    @Test("Garbage from strangers, and from a real edge, harms no other link")
    func garbage() throws {
      let run = try TestRun.shared()
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let before = try deployment.redis.client().totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        let door = try deployment.hub.linkAddress
        var random = SeededGenerator(seed: 11)

        for _ in 0..<8 {
          _ = try HTTPClient.exchange(
            (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }, at: door)
        }
        _ = try HTTPClient.exchange(Array("GET / HTTP/1.1\r\nHost: hub\r\n\r\n".utf8), at: door)
        try wait(for: "the line about HTTP") {
          deployment.hub.log.contains("the peer speaks HTTP without TLS")
        }
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
        let cut = try BlockingSocket(door)
        try cut.send(hello)
        cut.finish()
        _ = try cut.receiveAll()
        let silent = try (0..<4).map { _ in try BlockingSocket(door) }

        // A real edge that violates the protocol, in each way that a hub must distinguish.
        for (bytes, goAway) in try [
          ((0..<256).map { _ in UInt8.random(in: 0...255, using: &random) }, GoAway.Reason.protocolError),
          ([0x7f, 0xff, 0xff, 0xff, 0x01], .protocolError),
          (
            Self.frame(.ping(Ping(stamp: 1))) + Self.frame(.interest(Interest(.add, []))),
            .protocolError
          ),
          (Self.hello("edge-1"), .identityMismatch),
          (Self.hello("edge-2") + Self.hello("edge-2"), .protocolError),
        ] {
          let probe = try LinkProbe(to: door, certificate: "edge-2", in: run.ours, sending: bytes)
          guard case .goAway(let farewell) = try #require(try probe.messages().last) else {
            Issue.record("the last message was no farewell")
            continue
          }
          #expect(farewell.reason == goAway)
        }
        for socket in silent {
          // After the time limit for a handshake.
          _ = try socket.receiveAll(within: .seconds(10))
        }
        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(!client.isEnded)
        #expect(try deployment.hub.page().edge("edge-1")?.state == "live")
      }
    }

    @Test("A second link of one edge replaces the first one, and both are counted")
    func replaced() throws {
      try Deployment.run { deployment in
        let twin = try EdgeNode(
          "edge-1", in: try TestRun.shared().newFolder(), hubPorts: [deployment.hub.linkPort])
        try twin.start()
        try twin.waitUntilReady()
        try wait(for: "the older link's end") {
          deployment.edges[0].log.contains("the hub sent us away (replaced")
        }
        #expect(try deployment.hub.metrics()["emojitrack_hub_links_replaced_total"] == 1)
        #expect(deployment.edges[1].isReady)
      }
    }

    static func hello(_ name: String) throws -> [UInt8] {
      frame(
        .hello(
          Hello(
            node: try #require(NodeName(name)), softwareVersion: try #require(SoftwareVersion("0.0.0")),
            lastLineage: nil, lastPosition: 0)))
    }

    static func frame(_ message: Message) -> [UInt8] {
      var writer = ByteWriter()
      message.encode(into: &writer)
      return writer.bytes
    }
  }
}
