import Foundation
import Primitives
import Testing

extension IntegrationTests {
  /// With clients that others wrote: curl, which uses libnghttp2, and Chromium.
  @Suite("HTTP/2", .patient)
  struct HTTP2Tests {
    /// How a client comes to HTTP/2.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
      case priorKnowledge
      case alpn

      var testDescription: String { rawValue }
      var flags: [String] {
        self == .alpn ? ["--http2", "--insecure"] : ["--http2-prior-knowledge"]
      }
      /// curl opens several streams on a connection only if ALPN announced HTTP/2.
      var streamCount: Int { self == .alpn ? 50 : 1 }
      func origin(of edge: EdgeNode) throws -> String {
        let address = try self == .alpn ? edge.secure().address : edge.address
        return (self == .alpn ? "https://" : "http://") + "\(address)"
      }
    }

    private static func run(
      _ flags: [String] = [], edges: Int = 1, _ body: (Deployment) throws -> Void
    ) throws {
      var options = Deployment.Options()
      options.edgeCount = edges
      options.edgeFlags = ["--workers", "1"] + flags
      options.secure = try TestRun.shared().ours
      try Deployment.run(options, body)
    }

    private static let handedOver = "emojitrack_edge_tls_sessions_handed_over_total"

    private func expectStreams(_ count: Int, of edge: EdgeNode) throws {
      try wait(for: "\(count) streams") {
        try edge.metrics()["emojitrack_edge_connections{stream=\"eps\",protocol=\"h2\"}"] == Double(count)
      }
    }

    @Test(
      "The streams of a connection get exactly what a client of HTTP/1.1 gets", arguments: Way.allCases)
    func streams(way: Way) throws {
      try Self.run { deployment in
        let edge = deployment.edges[0]
        let before = try deployment.redis.client().totals()
        let url = try way.origin(of: edge) + "/subscribe/eps"
        let curl = try CurlStreams(
          [String](repeating: url, count: way.streamCount), way.flags, in: deployment.folder)
        try expectStreams(way.streamCount, of: edge)
        #expect(try edge.metrics()["emojitrack_edge_http2_connections"] == 1)
        // The session of the connection, with its first stream.
        #expect(try edge.metrics()[Self.handedOver] == (way == .alpn ? 1 : 0))
        let status = try HTTPClient.request("GET", "/admin/status.json", by: edge.plain)
        #expect(status.text.components(separatedBy: "\"/subscribe/eps\"").count == way.streamCount + 1)
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try feed.stop()
        let grown = growth(from: before, to: try deployment.redis.client().totals())
        try? wait(for: "the sums") { curl.sums.allSatisfy { $0 == grown } }
        #expect(curl.sums.allSatisfy { $0 == grown }, "\(curl.log)")
        #expect(curl.end == nil)
        curl.kill()
        try expectStreams(0, of: edge)
      }
    }

    @Test(
      "Over TLS a client's frames are read, whatever records they come in, before and after the session was handed over",
      arguments: ["own", "openssl"])
    func splitRecords(records: String) throws {
      try Self.run(["--https-records", records]) { deployment in
        let edge = deployment.edges[0]
        let client = try BlockingSocket(edge.secure(protocols: ["h2"]))
        try client.sendByByte(HTTP2Bytes.opening())
        try expectStreams(1, of: edge)
        #expect(try edge.metrics()[Self.handedOver] == (records == "own" ? 1 : 0))
        let ping = Array("12345678".utf8)
        try client.sendByByte(
          HTTP2Bytes.frame(6, ping) + HTTP2Bytes.frame(1, flags: 5, stream: 3, HTTP2Bytes.request()))
        try expectStreams(2, of: edge)
        // Two frames in one record, after others.
        try client.send(
          HTTP2Bytes.frame(3, stream: 1, [0, 0, 0, 8])
            + HTTP2Bytes.frame(1, flags: 5, stream: 5, HTTP2Bytes.request()))
        try wait(for: "the other stream") {
          try edge.metrics()["emojitrack_edge_http2_streams_total"] == 3
        }
        try expectStreams(2, of: edge)
        var received: [UInt8] = []
        try deployment.redis.client().tweet(["1F4C2"])
        let answer = HTTP2Bytes.frame(6, flags: 1, ping)
        let event = Array("data:{\"1F4C2\":1}\n\n".utf8)
        try wait(for: "the answer and two events") {
          received += try client.receive()
          return received.ranges(of: answer).count == 1 && received.ranges(of: event).count == 2
        }
      }
    }

    @Test("A drain sends the connection away first, and ends each stream in order", arguments: Way.allCases)
    func drain(way: Way) throws {
      try Self.run(["--drain-window", "2s"]) { deployment in
        let edge = deployment.edges[0]
        let url = try way.origin(of: edge) + "/subscribe/eps"
        let curl = try CurlStreams(
          [String](repeating: url, count: way.streamCount), way.flags, in: deployment.folder)
        try expectStreams(way.streamCount, of: edge)
        let answer = try deployment.hub.ask("POST", "/admin/edges/edge-1/drain", body: #"{"window":2}"#)
        #expect(answer.status == 200)
        try wait(for: "the end", within: .seconds(15)) { curl.end != nil }
        // Each stream ended with END_STREAM and no error.
        #expect(curl.end == .exited(0), "\(curl.log)")
        for stream in curl.streams { #expect(stream.retries.count == 2 && stream.isAtBorder) }
        // A draining edge accepts no connection.
        #expect(try deployment.hub.ask("POST", "/admin/edges/edge-1/undrain").status == 200)
        try wait(for: "the edge") { edge.isReady }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 1)
        #expect(
          metrics["emojitrack_edge_connections_closed_total{reason=\"drained\"}"] == Double(way.streamCount))
        try wait(for: "the end of the connection") {
          try edge.metrics()["emojitrack_edge_http2_connections"] == 0
        }
      }
    }

    @Test(
      "Pages, refusals, HEAD and a body that is posted are answered as in HTTP/1.1", arguments: Way.allCases)
    func answers(way: Way) throws {
      try Self.run { deployment in
        let origin = try way.origin(of: deployment.edges[0])
        func ask(_ path: String, _ flags: String...) throws -> String {
          let log = deployment.folder.appending(path: "curl-\(UInt32.random(in: 0 ... .max)).log").path
          let curl = try ChildProcess(
            "curl", "curl",
            ["--silent", "--show-error", "-i", "--max-time", "10"] + way.flags + flags
              + [origin + path], log: log)
          #expect(try curl.waitForEnd() == .exited(0))
          return curl.log
        }
        #expect(try ask("/healthz").hasPrefix("HTTP/2 200 \r\n"))
        #expect(try ask("/").contains("<html"))
        #expect(try ask("/metrics").contains("emojitrack_edge_http2_connections 1\n"))
        #expect(try ask("/nothing").hasPrefix("HTTP/2 404 \r\n"))
        #expect(try ask("/subscribe/eps?hz=0").contains("hz must be a whole number"))
        #expect(try ask("/healthz", "-X", "PUT").hasPrefix("HTTP/2 405 \r\n"))
        let head = try ask("/subscribe/eps", "--head")
        #expect(head.contains("content-type: text/event-stream; charset=utf-8\r\n"))
        #expect(!head.lowercased().contains("connection:") && !head.contains("transfer-encoding"))
        let key = "0123456789abcdef"
        #expect(
          try ask("/subscribe/cleanup/scores?client=\(key)", "--data", "a=b").contains(#""closed":0"#))
      }
    }

    @Test("A page closes its own streams, and the connection stays")
    func cleanup() throws {
      try Self.run { deployment in
        let edge = deployment.edges[0]
        let url = try Way.alpn.origin(of: edge) + "/subscribe/eps?client="
        let keys = [String](repeating: "0123456789abcdef", count: 3) + ["fedcba9876543210"]
        let curl = try CurlStreams(keys.map { url + $0 }, Way.alpn.flags, in: deployment.folder)
        try expectStreams(4, of: edge)
        let answer = try HTTPClient.request(
          "POST", "/subscribe/cleanup/scores?client=0123456789abcdef", by: edge.plain)
        #expect(answer.text.contains(#""closed":3"#))
        try expectStreams(1, of: edge)
        #expect(curl.end == nil)
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_connections"] == 1)
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 0)
      }
    }

    @Test("With http2.enabled off, clients get HTTP/1.1")
    func off() throws {
      try Self.run(["--http2-enabled", "false"]) { deployment in
        let edge = deployment.edges[0]
        for (way, end) in [(Way.alpn, ProcessEnd.exited(0)), (.priorKnowledge, .exited(16))] {
          let log = deployment.folder.appending(path: "\(way).log").path
          let curl = try ChildProcess(
            "curl", "curl", ["-si"] + way.flags + [try way.origin(of: edge) + "/healthz"], log: log)
          let actual = try curl.waitForEnd()
          #expect(actual == end || way == .priorKnowledge && actual != .exited(0))
          #expect(!curl.log.hasPrefix("HTTP/2"))
        }
      }
    }

    @Test("A client that grants no window gets one event with the sum when it grants one")
    func stalled() throws {
      try Self.run { deployment in
        let edge = deployment.edges[0]
        let client = try BlockingSocket(edge.plain)
        let noWindow: [UInt8] = [0, 4, 0, 0, 0, 0]
        try client.send(
          HTTP2Bytes.preface + HTTP2Bytes.frame(4, noWindow)
            + HTTP2Bytes.frame(1, flags: 5, stream: 1, HTTP2Bytes.request()))
        try expectStreams(1, of: edge)
        let redis = try deployment.redis.client()
        let other = try edge.client("/subscribe/eps")
        for _ in 0..<5 {
          try redis.tweet(["1F4C2", "2665"])
          let count = other.eventCount
          try wait(for: "the event") { other.eventCount > count || other.sum == 10 }
        }
        #expect(try edge.metrics()["emojitrack_edge_clients_lagging"] == 1)
        try client.send(HTTP2Bytes.frame(8, stream: 1, [0, 1, 0, 0]))
        var bytes: [UInt8] = []
        try wait(for: "the sum") {
          bytes += try client.receive()
          let text = String(decoding: bytes, as: UTF8.self)
          return text.contains(#""1F4C2":5"#) && text.contains(#""2665":5"#)
        }
        #expect(String(decoding: bytes, as: UTF8.self).components(separatedBy: "data:").count == 2)
        try wait(for: "the step") { try edge.metrics()["emojitrack_edge_clients_lagging"] == 0 }
      }
    }

    @Test("A flood ends its connection alone, and is counted")
    func flood() throws {
      try Self.run { deployment in
        let edge = deployment.edges[0]
        let other = try edge.client("/subscribe/eps")
        let pings = (0..<3_000).flatMap { _ in HTTP2Bytes.frame(6, Array(1...8)) }
        let resets = stride(from: UInt8(1), to: 255, by: 2).flatMap {
          HTTP2Bytes.frame(1, flags: 5, stream: $0, HTTP2Bytes.request())
            + HTTP2Bytes.frame(3, stream: $0, [0, 0, 0, 8])
        }
        for flood in [pings, resets + pings.prefix(pings.count / 2)] {
          let client = try BlockingSocket(edge.plain)
          try client.send(HTTP2Bytes.preface + HTTP2Bytes.frame(4) + flood)
          let answer = try client.receiveAll()
          // GOAWAY with ENHANCE_YOUR_CALM is the last frame.
          #expect(answer.suffix(17).prefix(4) == [0, 0, 8, 7] && answer.last == 11)
        }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"flood\"}"] == 2)
        #expect(metrics["emojitrack_edge_clients{stream=\"eps\"}"] == 1)
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { other.sum == 1 }
      }
    }

    @Test("A connection without a stream ends, and one beyond the limit is closed")
    func connections() throws {
      try Self.run(["--head-timeout", "1s", "--connections-maximum", "5"]) { deployment in
        let edge = deployment.edges[0]
        #expect(try edge.metrics()["emojitrack_edge_connections_maximum"] == 5)
        let client = try BlockingSocket(edge.plain)
        try client.send(HTTP2Bytes.preface + HTTP2Bytes.frame(4))
        try wait(for: "the connection") { try edge.metrics()["emojitrack_edge_http2_connections"] == 1 }
        try wait(for: "its end", within: .seconds(8)) {
          try edge.metrics()["emojitrack_edge_http2_connections"] == 0
        }
        #expect(try edge.metrics()["emojitrack_edge_http2_goaways_total{reason=\"idle\"}"] == 1)
        // The reserve of a worker is for refusals; beyond it connections are closed at once.
        let sockets = try (0..<69).map { _ in try BlockingSocket(edge.plain) }
        let late = try BlockingSocket(edge.plain)
        #expect(try late.receive() == [])
        #expect(sockets.count == 69)
      }
    }
  }
}
