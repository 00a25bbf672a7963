import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("The framing of a stream")
  struct FramingTests {
    private static func run(_ flags: [String] = [], _ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    /// The body of an answer, up to and including a text.
    private func body(from socket: BlockingSocket, until text: String) throws -> (head: String, body: String)
    {
      var bytes: [UInt8] = []
      while bytes.firstRange(of: Array(text.utf8)) == nil { bytes += try socket.receive() }
      let all = String(decoding: bytes, as: UTF8.self)
      let end = try #require(all.firstRange(of: "\r\n\r\n"))
      return (String(all[..<end.lowerBound]), String(all[end.upperBound...]))
    }

    private func ask(_ path: String, version: String, at edge: EdgeNode) throws -> BlockingSocket {
      let socket = try BlockingSocket(edge.address)
      try socket.send(Array("GET \(path) HTTP/\(version)\r\nHost: edge\r\n\r\n".utf8))
      return socket
    }

    private func release(_ deployment: Deployment) throws {
      let answer = try deployment.hub.ask(
        "POST", "/admin/edges/edge-1/shed", body: #"{"clients":1000,"window":0}"#)
      #expect(answer.status == 200)
    }

    @Test("Clients of HTTP/1.1 and 1.0 get the same stream, with and without chunks")
    func bothVersions() throws {
      try Self.run(["--retry", "2s"]) { edge, deployment in
        let sockets = try ["1.1", "1.0"].map { try ask("/subscribe/raw", version: $0, at: edge) }
        try wait(for: "both") { try edge.metrics()["emojitrack_edge_clients{stream=\"raw\"}"] == 2 }
        let redis = try deployment.redis.client()
        try redis.tweet(["1F4C2"])
        let chunked = try body(from: sockets[0], until: "data:")
        let plain = try body(from: sockets[1], until: "data:")
        #expect(chunked.head.contains("\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"))
        #expect(plain.head.contains("\r\nConnection: close\r\n") && !plain.head.contains("Transfer-Encoding"))
        // The very bytes that Docs/client-api.md shows.
        #expect(chunked.body.wholeMatch(of: /b\r\nretry:\d{4}\n\r\nc\r\ndata:1F4C2\n\n\r\n/) != nil)
        #expect(plain.body.wholeMatch(of: /retry:\d{4}\ndata:1F4C2\n\n/) != nil)

        try release(deployment)
        let ends = try sockets.map { String(decoding: try $0.receiveAll(), as: UTF8.self) }
        #expect(ends[0].wholeMatch(of: /[0-9a-f]\r\nretry:\d+\n\r\n0\r\n\r\n/) != nil)
        #expect(ends[1].wholeMatch(of: /retry:\d+\n/) != nil)
      }
    }

    @Test("With stream.chunked off, no client gets chunks")
    func withoutChunks() throws {
      try Self.run(["--stream-chunked", "false"]) { edge, deployment in
        let client = try edge.client("/subscribe/eps")
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { client.sum == 1 }
        #expect(client.head?.contains("Transfer-Encoding") == false)
        try release(deployment)
        try wait(for: "the end") { client.isEnded }
        #expect(client.retries.count == 2 && !client.isComplete)
      }
    }

    @Test(
      "A released client is sent the end, and the connection ends with it; a client of a lost edge is not")
    func ends() throws {
      try Self.run { edge, deployment in
        let released = try ["/subscribe/eps", "/subscribe/raw?resume=1", "/subscribe/details/2665"].map {
          try edge.client($0)
        }
        let socket = try ask("/subscribe/eps", version: "1.1", at: edge)
        _ = try body(from: socket, until: "\n\r\n")
        let start = MonotonicClock.now()
        try release(deployment)
        // The client has not closed its side, and need not.
        let end = try socket.receiveAll()
        #expect(start.duration(to: MonotonicClock.now()) < .seconds(1))
        #expect(end.suffix(5) == Array("0\r\n\r\n".utf8)[...])
        for client in released {
          try wait(for: "the end") { client.isEnded }
          #expect(client.isComplete && client.isAtBorder && client.retries.count == 2)
        }
        let lost = try edge.client("/subscribe/eps")
        edge.kill()
        try wait(for: "the loss") { lost.isEnded }
        #expect(!lost.isComplete)
      }
    }

    @Test("The end of a connection arrives with the last byte, so no client sends another request over it")
    func endWithLastByte() throws {
      try Self.run { edge, deployment in
        let sockets = try (0..<20).map { _ in try ask("/subscribe/eps", version: "1.1", at: edge) }
        for socket in sockets { _ = try body(from: socket, until: "\n\r\n") }
        let before = sockets.map(\.segmentsReceived)
        try release(deployment)
        for socket in sockets { #expect(try socket.receiveAll().suffix(5) == Array("0\r\n\r\n".utf8)[...]) }
        // One segment contains the last chunk and the end.
        #expect(zip(before, sockets).allSatisfy { $1.segmentsReceived - $0 == 1 })
      }
    }

    @Test("An opening that is larger than its client's socket buffer is one chunk nevertheless")
    func longOpening() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.totals = .init(uniqueKeysWithValues: (0..<20_000).map { ("1F\($0)", 1_000) })
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let clients = try (0..<4).map { number in
          try SSEClient(
            "/subscribe/eps?snapshot=1&resume=1", at: edge.address,
            receiveBufferSize: number == 0 ? nil : 2_048, waits: false)
        }
        for client in clients.dropFirst() { try client.pause() }
        let redis = try deployment.redis.client()
        for _ in 0..<20 {
          try redis.tweet(["1F1"])
          letPass(.milliseconds(20))
        }
        for client in clients.dropFirst() { try client.resume() }
        for client in clients {
          try wait(for: "all of it") { client.sums["1F1"] == 1_020 }
          #expect(client.events.first?.name == "snapshot")
        }
      }
    }

    @Test("Plain streams have neither ids nor names, as with the predecessors")
    func plainStreams() throws {
      try Self.run(["--keepalive", "1s"]) { edge, deployment in
        let clients = try ["/subscribe/eps", "/subscribe/raw"].map { try edge.client($0) }
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "event and comment") {
          clients.allSatisfy { $0.eventCount == 1 && $0.commentCount > 0 }
        }
        for client in clients {
          let lines = String(decoding: client.body, as: UTF8.self).split(separator: "\n")
          #expect(
            lines.allSatisfy { $0.hasPrefix("retry:") || $0.hasPrefix("data:") || $0 == ":" }, "\(lines)")
          let head = try #require(client.head?.lowercased())
          #expect(
            head.contains("\r\nconnection: keep-alive\r\n")
              && head.contains("\r\ncache-control: no-cache\r\n"))
        }
      }
    }

    @Test(
      "With https.hsts, TLS clients are asked to use TLS only, and plain clients are not"
    )
    func strictTransport() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.secure = try TestRun.shared().ours
      options.edgeFlags = ["--https-hsts", "1h"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        for path in ["/healthz", "/metrics", "/nowhere", "/admin/status.json"] {
          let secure = try HTTPClient.request("GET", path, by: edge.secure())
          #expect(secure.fields["strict-transport-security"] == "max-age=3600", "\(path)")
          let plain = try HTTPClient.request("GET", path, by: edge.plain)
          #expect(plain.fields["strict-transport-security"] == nil, "\(path)")
        }
        let stream = try SSEClient("/subscribe/eps", by: edge.secure())
        #expect(stream.head?.contains("\r\nStrict-Transport-Security: max-age=3600\r\n") == true)
        #expect(try edge.client("/subscribe/eps").head?.contains("Strict-Transport") == false)
      }
    }
  }
}
