import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("A full edge", .patient)
  struct FullEdgeTests {
    private static func options() -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--clients-maximum", "20", "--workers", "2"]
      return options
    }

    private func readiness(_ edge: EdgeNode) throws -> HTTPAnswer {
      try HTTPClient.request("GET", "/readyz", by: edge.plain)
    }

    private static let fields = "Accept: text/event-stream\r\nConnection: close\r\n"

    /// The answer to a browser that asks for a stream and is rejected.
    private func expectTimeToReturn(_ client: SSEClient) throws {
      try wait(for: "the answer") { client.isEnded }
      let head = client.head ?? ""
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      #expect(head.lowercased().contains("content-type: text/event-stream"))
      #expect(head.lowercased().contains("access-control-allow-origin: *"))
      #expect(client.retries.count == 1 && client.retries.allSatisfy { (3_000...7_000).contains($0) })
      #expect(client.eventCount == 0)
    }

    @Test("A full edge is not ready, with the reason, until less than 95 % of its places are taken")
    func readiness() throws {
      try Deployment.run(Self.options()) { deployment in
        let edge = deployment.edges[0]
        var clients = try (0..<19).map { _ in try edge.client("/subscribe/raw") }
        #expect(try readiness(edge).status == 200)
        #expect(try edge.metrics()["emojitrack_edge_full"] == 0)
        clients.append(try edge.client("/subscribe/raw"))
        let answer = try readiness(edge)
        #expect(answer.status == 503 && answer.text.contains("full: clients.maximum is reached"))
        #expect(try edge.metrics()["emojitrack_edge_full"] == 1)
        func leave(_ count: Int) throws {
          for client in clients.suffix(count) { client.close() }
          clients.removeLast(count)
          try wait(for: "fewer clients") {
            try edge.metrics()["emojitrack_edge_clients{stream=\"raw\"}"] == Double(clients.count)
          }
        }
        // 95 % is not below the limit.
        try leave(1)
        #expect(try readiness(edge).status == 503)
        try leave(1)
        #expect(try readiness(edge).status == 200)
        #expect(try edge.metrics()["emojitrack_edge_full"] == 0)
      }
    }

    @Test(
      "If all edges are full, our HAProxy gives a stream a reconnection time, and other requests an error",
      .enabled(if: Proxy.hasHAProxy, Proxy.isMissing))
    func haproxy() throws {
      try Deployment.run(Self.options()) { deployment in
        let edge = deployment.edges[0]
        let proxy = try Proxy.haproxy([edge], in: deployment.folder)
        let clients = try (0..<20).map { _ in try SSEClient("/subscribe/raw", at: proxy.address) }
        let approach = Approach(address: proxy.address)
        try wait(for: "HAProxy to see it") {
          try HTTPClient.request("GET", "/healthz", by: approach).status == 503
        }
        try expectTimeToReturn(SSEClient("/subscribe/raw", at: proxy.address, fields: Self.fields))
        #expect(clients.allSatisfy { !$0.isComplete && !$0.isEnded })
        for client in clients.prefix(5) { client.close() }
        try wait(for: "room") { try HTTPClient.request("GET", "/healthz", by: approach).status == 200 }
        let newcomer = try SSEClient("/subscribe/raw", at: proxy.address, fields: Self.fields)
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { newcomer.eventCount == 1 }
      }
    }

    @Test(
      "If all edges are full or gone, our nginx gives a stream a reconnection time",
      .enabled(if: Proxy.hasNginx, Proxy.isMissing))
    func nginx() throws {
      try Deployment.run(Self.options()) { deployment in
        let edge = deployment.edges[0]
        let proxy = try Proxy.nginx([edge], in: deployment.folder)
        let clients = try (0..<20).map { _ in try SSEClient("/subscribe/raw", at: proxy.address) }
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { clients.allSatisfy { $0.eventCount == 1 } }
        // Without the field Accept the edge itself answers 503, which nginx handles like its own.
        try expectTimeToReturn(
          SSEClient("/subscribe/raw", at: proxy.address, fields: "Connection: close\r\n"))
        #expect(clients.allSatisfy { !$0.isComplete && !$0.isEnded })
        edge.kill()
        try expectTimeToReturn(SSEClient("/subscribe/raw", at: proxy.address, fields: Self.fields))
        #expect(try HTTPClient.request("GET", "/healthz", by: Approach(address: proxy.address)).status == 502)
      }
    }
  }
}
