import Foundation
import Primitives
import Testing

extension IntegrationTests {
  @Suite("How streams of HTTP/2 end, and whose they are", .patient)
  struct HTTP2LifecycleTests {
    private static func run(
      _ flags: [String] = [], preamble: [UInt8] = [], _ body: (EdgeNode, Deployment) throws -> Void
    ) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "1"] + flags
      options.preamble = preamble
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    private func waitForStreams(_ count: Int, of edge: EdgeNode) throws {
      try wait(for: "\(count) streams") {
        try edge.metrics()["emojitrack_edge_connections{stream=\"eps\",protocol=\"h2\"}"] == Double(count)
      }
    }

    /// Streams of one connection, over TLS.
    private func curl(_ count: Int, _ edge: EdgeNode, _ deployment: Deployment) throws -> CurlStreams {
      let url = "https://\(try edge.secure().address)/subscribe/eps"
      let curl = try CurlStreams(
        [String](repeating: url, count: count), ["--http2", "--insecure"], in: deployment.folder)
      try waitForStreams(count, of: edge)
      return curl
    }

    @Test("Shed clients lose their connection first, so that they come back elsewhere; part of them suffices")
    func shed() throws {
      try Self.run { edge, deployment in
        let curl = try curl(20, edge, deployment)
        let answer = try deployment.hub.ask(
          "POST", "/admin/edges/edge-1/shed", body: #"{"clients":5,"window":1}"#)
        #expect(answer.status == 200)
        try waitForStreams(15, of: edge)
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 1)
        #expect(metrics["emojitrack_edge_connections_closed_total{reason=\"shed\"}"] == 5)
        // The others stay, and get every event.
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { curl.streams.count { !$0.events.isEmpty } == 15 }
        #expect(curl.end == nil)
        // A further stream would go to another connection, as GOAWAY demands.
        let second = try deployment.hub.ask(
          "POST", "/admin/edges/edge-1/shed", body: #"{"clients":15,"window":1}"#)
        #expect(second.status == 200)
        try wait(for: "the end") { curl.end != nil }
        #expect(curl.end == .exited(0), "\(curl.log)")
        for stream in curl.streams { #expect(stream.isAtBorder) }
        #expect(try edge.metrics()["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 1)
      }
    }

    @Test("Streams that have reached their age end in order, and their connection with them")
    func refresh() throws {
      try Self.run(["--refresh-after", "2s"]) { edge, deployment in
        let curl = try curl(10, edge, deployment)
        try wait(for: "the end", within: .seconds(15)) { curl.end != nil }
        #expect(curl.end == .exited(0), "\(curl.log)")
        for stream in curl.streams { #expect(stream.isAtBorder) }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 1)
        #expect(metrics["emojitrack_edge_connections_closed_total{reason=\"refreshed\"}"] == 10)
      }
    }

    @Test("A stream whose client grants no window ends after lag.maximum; the connection stays")
    func lag() throws {
      try Self.run(["--lag-maximum", "1s"]) { edge, deployment in
        let client = try BlockingSocket(edge.plain)
        try client.send(HTTP2Bytes.opening(settings: [0, 4, 0, 0, 0, 0]))
        try waitForStreams(1, of: edge)
        let redis = try deployment.redis.client()
        try wait(for: "its end") {
          try redis.tweet(["1F4C2"])
          return try edge.metrics()["emojitrack_edge_connections{stream=\"eps\",protocol=\"h2\"}"] == 0
        }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_connections"] == 1)
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 0)
        let reset: [UInt8] = [0, 0, 4, 3, 0, 0, 0, 0, 1]
        var received: [UInt8] = []
        try wait(for: "RST_STREAM") {
          received += try client.receive()
          return received.indices.contains { received[$0...].starts(with: reset) }
        }
      }
    }

    @Test("The address that a trusted proxy names is the client's, stream by stream")
    func forwarded() throws {
      try Self.run(["--proxy-trusted", "127.0.0.1"]) { edge, _ in
        let client = try BlockingSocket(edge.plain)
        let other = HTTP2Bytes.request(fields: [("x-forwarded-for", "198.51.100.7")])
        try client.send(
          HTTP2Bytes.opening(fields: [("x-forwarded-for", "203.0.113.9")])
            + HTTP2Bytes.frame(1, flags: 5, stream: 3, other))
        try waitForStreams(2, of: edge)
        #expect(try edge.clientAddresses(of: "/subscribe/eps") == ["198.51.100.7", "203.0.113.9"])
      }
      try Self.run { edge, _ in
        let client = try BlockingSocket(edge.plain)
        try client.send(HTTP2Bytes.opening(fields: [("x-forwarded-for", "203.0.113.9")]))
        try waitForStreams(1, of: edge)
        #expect(try edge.clientAddresses(of: "/subscribe/eps") == ["127.0.0.1"], "nobody is trusted")
      }
    }

    @Test("A PROXY header comes before the preface")
    func proxyHeader() throws {
      let header = Array("PROXY TCP4 203.0.113.9 127.0.0.1 40000 443\r\n".utf8)
      try Self.run(["--proxy-trusted", "127.0.0.1", "--listen-proxy", "true"], preamble: header) { edge, _ in
        let client = try BlockingSocket(edge.plain)
        try client.send(HTTP2Bytes.opening())
        try waitForStreams(1, of: edge)
        #expect(try edge.clientAddresses(of: "/subscribe/eps") == ["203.0.113.9"])
      }
    }

    @Test(
      "Behind nginx, which speaks HTTP/2 to clients and HTTP/1.1 to edges, streams are exact",
      .enabled(if: Proxy.hasNginx, Proxy.isMissing))
    func nginxInFront() throws {
      try Self.run(["--proxy-trusted", "127.0.0.1"]) { edge, deployment in
        let text = try ProxyKind.nginx.exampleText().replacing("listen 8080;", with: "listen 8080 http2;")
        var kind = ProxyKind.nginx
        kind.listening = "listen 8080 http2;"
        kind.listeningInTest = "listen 127.0.0.1:PORT http2;"
        let proxy = try Proxy(kind, text, in: [edge], folder: deployment.folder)
        let before = try deployment.redis.client().totals()
        let url = "http://\(proxy.address)/subscribe/eps"
        let clients = try (0..<3).map { _ in
          try CurlStreams([url], ["--http2-prior-knowledge"], in: deployment.folder)
        }
        try wait(for: "the streams") {
          try edge.metrics()["emojitrack_edge_connections{stream=\"eps\",protocol=\"http\"}"] == 3
        }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(200)
        try feed.stop()
        let grown = growth(from: before, to: try deployment.redis.client().totals())
        for client in clients {
          try? wait(for: "the sums") { client.sums.allSatisfy { $0 == grown } }
          #expect(client.sums == [grown], "\(client.log)")
        }
        withExtendedLifetime(proxy) {}
      }
    }
  }
}
