import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("status.listen")
  struct StatusListenTests {
    private static func run(
      _ flags: [String], preamble: [UInt8] = [], _ body: (Deployment, Approach) throws -> Void
    ) throws {
      let port = try TestRun.freePort()
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--status-listen", "127.0.0.1:\(port)"] + flags
      options.preamble = preamble
      try Deployment.run(options) { deployment in
        try body(deployment, Approach(address: .loopback(port)))
      }
    }

    private static func status(_ path: String, by approach: Approach) throws -> Int {
      try HTTPClient.request("GET", path, by: approach).status
    }

    @Test("It needs no PROXY header where clients need one, and serves only the edge's state")
    func withoutHeader() throws {
      let flags = ["--listen-proxy", "true", "--proxy-trusted", "127.0.0.1"]
      try Self.run(flags, preamble: Array("PROXY UNKNOWN\r\n".utf8)) { deployment, approach in
        let edge = deployment.edges[0]
        let client = try SSEClient("/subscribe/raw", by: edge.plain)
        for path in ["/healthz", "/readyz", "/metrics", "/admin/status.json"] {
          #expect(try Self.status(path, by: approach) == 200)
        }
        let page = try HTTPClient.request("GET", "/metrics", by: approach).text
        #expect(HTTPClient.samples(page)["emojitrack_edge_clients{stream=\"raw\"}"] == 1)
        for path in ["/", "/subscribe/raw", "/subscribe/details/2665", "/viewer.js"] {
          #expect(try Self.status(path, by: approach) == 404)
        }
        #expect(!client.isEnded)
      }
    }

    @Test("It continues while the edge drains and refuses connections, up to the end")
    func whileDraining() throws {
      try Self.run(["--drain-window", "4s", "--workers", "2"]) { deployment, approach in
        let edge = deployment.edges[0]
        let clients = try (0..<20).map { _ in try edge.client("/subscribe/raw") }
        edge.process?.signal(SIGTERM)
        try wait(for: "refused connections") { (try? BlockingSocket(edge.address)) == nil }
        #expect(try Self.status("/healthz", by: approach) == 200)
        #expect(try Self.status("/readyz", by: approach) == 503)
        let page = try HTTPClient.request("GET", "/metrics", by: approach).text
        #expect(HTTPClient.samples(page)["emojitrack_edge_draining"] == 1)
        #expect(clients.contains { !$0.isEnded })
        // An idle connection to it does not delay the end.
        let idle = try BlockingSocket(approach.address)
        try idle.send(Array("GET /readyz HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
        #expect(try edge.process?.waitForEnd(within: .seconds(9)) == .exited(0))
        withExtendedLifetime(idle) {}
      }
    }

    @Test("It answers at a full edge")
    func full() throws {
      try Self.run(["--clients-maximum", "2"]) { deployment, approach in
        let clients = try (0..<2).map { _ in try deployment.edges[0].client("/subscribe/raw") }
        #expect(try Self.status("/readyz", by: approach) == 503)
        #expect(try Self.status("/metrics", by: approach) == 200)
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }
  }
}
