import Foundation
import Reactor
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("HTTP as a client sees it", .patient)
  struct HTTPTests {
    private static let streamHead = """
      HTTP/1.1 200 OK\r
      Content-Type: text/event-stream; charset=utf-8\r
      Cache-Control: no-cache\r
      Connection: keep-alive\r
      Transfer-Encoding: chunked\r
      Access-Control-Allow-Origin: *\r
      X-Accel-Buffering: no\r
      Incremental: ?1\r
      Date:
      """

    /// A head without its date, which must be present and correct.
    private static func withoutDate(_ head: String) throws -> String {
      let lines = head.components(separatedBy: "\r\n")
      let date = try #require(lines.first { $0.hasPrefix("Date: ") }).dropFirst(6)
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
      format.timeZone = TimeZone(secondsFromGMT: 0)
      let age = -(try #require(format.date(from: String(date)))).timeIntervalSinceNow
      #expect(abs(age) < 10)
      return head.replacing(" \(date)", with: "")
    }

    private static let paths = ["/subscribe/raw", "/subscribe/eps", "/subscribe/details/1F4C2"]

    /// Starts one edge with time limits that are short enough for a test.
    private static func run(_ flags: [String] = [], _ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    @Test("Streams have exactly the headers of the API; HEAD has the same ones and ends")
    func streamHeads() throws {
      try Self.run { edge, _ in
        for path in Self.paths {
          #expect(try Self.withoutDate(edge.client(path).head ?? "") == Self.streamHead)
          // A further request on the same connection proves that the first one has ended.
          var bytes = try HTTPClient.exchange(
            Array(
              "HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .utf8), at: edge.address)
          let text = String(decoding: bytes, as: UTF8.self)
          let end = try #require(text.firstRange(of: "\r\n\r\n"))
          #expect(try Self.withoutDate(String(text[..<end.lowerBound])) == Self.streamHead)
          #expect(text[end.upperBound...].hasPrefix("HTTP/1.1 200 OK\r\n"))
          let head = try #require(HTTPAnswer(takenFrom: &bytes, hasBody: false))
          #expect(head.status == 200)
          #expect(try #require(HTTPAnswer(takenFrom: &bytes)).text == "OK\n")
        }
        #expect(try edge.metrics()["emojitrack_edge_clients{stream=\"raw\"}"] == 1)
      }
    }

    @Test("An HTTP/1.0 client is told that the connection closes, and gets the same stream")
    func http10() throws {
      try Self.run { edge, deployment in
        let socket = try BlockingSocket(edge.address)
        try socket.send(Array("GET /subscribe/eps HTTP/1.0\r\n\r\n".utf8))
        try deployment.redis.client().tweet(["1F4C2"])
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array("data:".utf8)) == nil { bytes += try socket.receive() }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.hasSuffix("data:{\"1F4C2\":1}\n\n"))

        var page = try HTTPClient.exchange(Array("GET /healthz HTTP/1.0\r\n\r\n".utf8), at: edge.address)
        #expect(try #require(HTTPAnswer(takenFrom: &page)).fields["connection"] == "close")
      }
    }

    @Test("Each client gets its own reconnection time, around the configured one")
    func retry() throws {
      try Self.run(["--retry", "2s"]) { edge, _ in
        let clients = try (0..<40).map { _ in try edge.client("/subscribe/eps") }
        let times = clients.flatMap(\.retries)
        #expect(times.count == 40)
        #expect(times.allSatisfy { (1_000...3_000).contains($0) })
        #expect(Set(times).count > 20)
      }
    }

    @Test("Silent streams get a comment now and then, and nothing else")
    func keepAlive() throws {
      try Self.run(["--keepalive", "1s"]) { edge, _ in
        let clients = try Self.paths.map { try edge.client($0) }
        try wait(for: "two comments") { clients.allSatisfy { $0.commentCount >= 2 } }
        for client in clients {
          #expect(client.body.suffix(4) == Array(":\n:\n".utf8)[...])
          #expect(client.events == [])
        }
      }
    }

    /// Requests for anything but a stream, and the status of the answer.
    private static let others: [(method: String, path: String, status: Int)] = [
      ("GET", "/", 200), ("POST", "/", 405), ("GET", "/dashboard.js", 404), ("GET", "/subscribe", 404),
      ("GET", "/subscribe/", 404),
      ("GET", "/subscribe/raw/", 404),
      ("GET", "/SUBSCRIBE/raw", 404), ("GET", "/subscribe/details", 404), ("GET", "/subscribe/details/", 404),
      ("GET", "/subscribe/details/a%2Fb", 404), ("GET", "/subscribe/details/1F4C2/x", 404),
      ("GET", "/subscribe/details/" + String(repeating: "1", count: 65), 404), ("GET", "/admin", 404),
      ("GET", "/subscribe/details/%zz", 400), ("GET", "/" + String(repeating: "a", count: 8_192), 414),
      ("POST", "/subscribe/raw", 405), ("PUT", "/healthz", 405), ("DELETE", "/metrics", 405),
      ("POST", "/nowhere", 404),
      ("BREW", "/subscribe/eps", 405), (String(repeating: "M", count: 33), "/", 501),
      ("OPTIONS", "/subscribe/raw", 204),
      ("OPTIONS", "/metrics", 204), ("OPTIONS", "/nowhere", 404), ("OPTIONS", "*", 204),
      ("HEAD", "/metrics", 200),
      ("HEAD", "/nowhere", 404), ("GET", "/healthz?x=1", 200),
    ]

    @Test("Every other request gets the right answer, in one line if it is a refusal")
    func otherRequests() throws {
      try Self.run { edge, _ in
        for (method, path, status) in Self.others {
          let answer = try HTTPClient.request(method, path, at: edge.address)
          #expect(answer.status == status, "\(method) \(path)")
          #expect(answer.fields["connection"] == "close", "\(method) \(path)")
          if status >= 400, method != "HEAD" {
            #expect(
              answer.text.hasSuffix("\n") && answer.text.count(where: \.isNewline) == 1, "\(method) \(path)")
          }
          if status == 405 { #expect(answer.fields["allow"] == "GET, HEAD, OPTIONS") }
          // Pages of other sites may read everything but the metrics.
          let isShared = path != "/metrics"
          #expect(
            answer.fields["access-control-allow-origin"] == (isShared ? "*" : nil), "\(method) \(path)")
          #expect(answer.fields["date"] != nil, "\(method) \(path)")
          guard status == 204 else { continue }
          #expect(answer.fields["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
          #expect(answer.fields["access-control-allow-headers"] == "Last-Event-ID, Cache-Control")
          #expect(answer.fields["access-control-max-age"] != nil)
          #expect(answer.fields["content-length"] == nil)
        }
      }
    }

    @Test("Pipelined requests are answered one after the other; a stream is the last of them")
    func pipelining() throws {
      try Self.run { edge, _ in
        let asks = ["/healthz", "/metrics", "/nowhere", "/admin/status.json", "/healthz", "/subscribe/eps"]
        let socket = try BlockingSocket(edge.address)
        let heads = asks.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        try socket.send(
          Array("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\nGET / HTTP/1.1".utf8))
        try socket.send(Array(heads.utf8))
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array("\nretry:".utf8)) == nil { bytes += try socket.receive() }
        let answers = (0..<asks.count).compactMap { _ in HTTPAnswer(takenFrom: &bytes) }
        #expect(answers.map(\.status) == [405, 200, 200, 404, 200, 200])
        #expect(answers.allSatisfy { $0.fields["connection"] == nil })
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(Self.streamHead))
      }
    }

    @Test("status.json lists the streaming clients in the predecessors' format")
    func status() throws {
      struct Page: Decodable {
        struct Connection: Decodable {
          let requestPath: String
          let namespace: String
          let createdAt: Int64
          let clientIp: String
          let userAgent: String
        }
        let node: String
        let status: String
        let reportedAt: Int64
        let connections: [Connection]
      }
      try Self.run { edge, _ in
        let agent = "<script>\"\\ é"
        let clients = try Self.paths.map {
          try SSEClient($0, at: edge.address, fields: "User-Agent: \(agent)\r\n")
        }
        let answer = try HTTPClient.request("GET", "/admin/status.json", at: edge.address)
        #expect(answer.fields["content-type"] == "application/json; charset=utf-8")
        #expect(answer.fields["cache-control"] == "no-store")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let page = try decoder.decode(Page.self, from: Data(answer.body))
        let now = Int64(Date.now.timeIntervalSince1970)
        #expect(page.node == "edge-1" && page.status == "OK" && abs(page.reportedAt - now) < 10)
        #expect(Set(page.connections.map(\.requestPath)) == Set(Self.paths))
        #expect(Set(page.connections.map(\.namespace)) == ["/raw", "/eps", "/details/1F4C2"])
        for connection in page.connections {
          #expect(connection.clientIp == "127.0.0.1" && connection.userAgent == agent)
          #expect(abs(connection.createdAt - now) < 10)
        }
        for client in clients { client.close() }
        try wait(for: "an empty list") {
          let body = try HTTPClient.request("GET", "/admin/status.json", at: edge.address).body
          return try decoder.decode(Page.self, from: Data(body)).connections.isEmpty
        }
      }
    }

    @Test("The metrics of hub and edge are valid, by promtool's judgement where it is installed")
    func metrics() throws {
      try Self.run { edge, deployment in
        let clients = try Self.paths.map { try edge.client($0) }
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the events") { clients.allSatisfy { $0.eventCount == 1 } }
        for (name, address) in [("edge", try edge.address), ("hub", try deployment.hub.adminAddress)] {
          let answer = try HTTPClient.request("GET", "/metrics", at: address)
          #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
          #expect(HTTPClient.samples(answer.text).count > 20)
          let page = deployment.folder.appending(path: "\(name).metrics")
          try Data(answer.body).write(to: page)
          let check = try ChildProcess(
            "promtool", "sh",
            ["-c", "command -v promtool >/dev/null || exit 0; exec promtool check metrics <\(page.path)"],
            log: deployment.folder.appending(path: "promtool.log").path)
          #expect(try check.waitForEnd() == .exited(0), "\(check.log)")
        }
      }
    }

    @Test("An edge whose hub is gone is alive, but not ready; so is a hub whose Redis is gone")
    func readiness() throws {
      try Self.run { edge, deployment in
        let client = try edge.client("/subscribe/eps")
        deployment.redis.stop()
        for address in [try deployment.hub.adminAddress, try edge.address] {
          try wait(for: "unreadiness") { try HTTPClient.request("GET", "/readyz", at: address).status == 503 }
          #expect(try HTTPClient.request("GET", "/healthz", at: address).status == 200)
        }
        #expect(try deployment.hub.page().status == "INTERRUPTED")
        try deployment.redis.start()
        try edge.waitUntilReady()
        deployment.hub.kill()
        try wait(for: "unreadiness") {
          try HTTPClient.request("GET", "/readyz", at: edge.address).status == 503
        }
        #expect(try HTTPClient.request("GET", "/healthz", at: edge.address).status == 200)
        #expect(!client.isEnded)
      }
    }

    @Test("Beyond the limit on clients a browser is asked to reconnect, and other clients get 503")
    func overLimit() throws {
      try Self.run(["--clients-maximum", "2", "--workers", "2"]) { edge, deployment in
        let held = try (0..<2).map { _ in try edge.client("/subscribe/eps") }
        let browser = try SSEClient(
          "/subscribe/eps", at: edge.address, fields: "Accept: text/event-stream\r\n")
        try wait(for: "the end of the refusal") { browser.isEnded }
        #expect(browser.head?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
        #expect(browser.retries.count == 1 && browser.events == [])
        #expect(browser.body == Array("retry:\(browser.retries[0])\n".utf8), "and no blank line")
        #expect(browser.head?.contains("\r\nAccess-Control-Allow-Origin: *\r\n") == true)
        let other = try HTTPClient.request(
          "GET", "/subscribe/eps", at: edge.address, fields: "Accept: */*\r\n")
        #expect(other.status == 503)
        #expect(other.fields["retry-after"] != nil && other.fields["access-control-allow-origin"] == "*")
        #expect(try edge.metrics()["emojitrack_edge_clients_refused_total"] == 2)

        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { held.allSatisfy { $0.sum == 1 } }
        held[0].close()
        try wait(for: "room") { try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 1 }
        _ = try edge.client("/subscribe/eps")
      }
    }

    @Test("Garbage, huge heads and slow heads are refused with an answer, and harm no other client")
    func garbage() throws {
      try Self.run(["--head-timeout", "1s"]) { edge, deployment in
        let before = try deployment.redis.client().totals()
        let client = try edge.client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        let line = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
        var random = SeededGenerator(seed: 13)
        for (bytes, status) in [
          (Array((line + "X: " + String(repeating: "y", count: 20_000) + "\r\n\r\n").utf8), 431),
          (Array((line + String(repeating: "X: y\r\n", count: 101) + "\r\n").utf8), 431),
          (Array((line + "X : y\r\n\r\n").utf8), 400), (Array((line + "X: y\0\r\n\r\n").utf8), 400),
          (Array("GET /healthz HTTP/1.1\nHost: x\n\n".utf8), 400),
          (Array("GET /healthz HTTP/1.1\r\n\r\n".utf8), 400),
          (Array((line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n").utf8), 400),
          (Array((line + "Content-Length: 65537\r\n\r\n").utf8), 413),
          (Array("GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n".utf8), 505), (Array("GET /sub".utf8), 408),
        ] {
          var all = try HTTPClient.exchange(bytes, at: edge.address)
          let answer = try #require(HTTPAnswer(takenFrom: &all))
          #expect(answer.status == status)
          #expect(answer.fields["connection"] == "close")
          #expect(all == [])
        }
        for _ in 0..<20 {
          let garbage = (0..<1_024).map { _ in UInt8.random(in: 0...255, using: &random) }
          let answer = try HTTPClient.exchange(garbage, at: edge.address)
          #expect(answer.isEmpty || answer.starts(with: Array("HTTP/1.1 ".utf8)))
        }
        // A client that sends nothing gets no answer.
        #expect(try BlockingSocket(edge.address).receiveAll() == [])
        try dribble(at: edge)
        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try edge.metrics()["emojitrack_edge_connections_closed_total{reason=\"headTimeout\"}"] == 3)
        #expect(try edge.metrics()["emojitrack_edge_connections_closed_total{reason=\"lagged\"}"] == 0)
      }
    }

    /// Sends a head byte by byte, each in time, although the limit is for the whole head.
    private func dribble(at edge: EdgeNode) throws {
      let socket = try BlockingSocket(edge.address)
      var answer: [UInt8] = []
      try wait(for: "the answer to a slow head", within: .seconds(5)) {
        try? socket.send([UInt8(ascii: "G")])
        answer += (try? socket.receive(within: .milliseconds(50))) ?? []
        return answer.firstRange(of: Array("\r\n\r\n".utf8)) != nil
      }
      #expect(answer.starts(with: Array("HTTP/1.1 408 ".utf8)))
    }

    @Test("IPv4, IPv6 and unix sockets serve at the same time")
    func listeners() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      let port = try TestRun.freePort()
      let path = try TestRun.shared().newFolder().appending(path: "edge.sock").path
      options.listen = ["[::1]:\(port)", "unix:\(path)"]
      let adminPath = try TestRun.shared().newFolder().appending(path: "hub.sock").path
      options.adminListen = ["unix:\(adminPath)"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let before = try deployment.redis.client().totals()
        let admin = try #require(SocketAddress(unixPath: adminPath))
        #expect(try HTTPClient.request("GET", "/readyz", at: admin).status == 200)
        let addresses = [
          try edge.address, try #require(SocketAddress(numericHost: "::1", port: port)),
          try #require(SocketAddress(unixPath: path)),
        ]
        let clients = try addresses.map { try SSEClient("/subscribe/eps", at: $0) }
        try deployment.redis.client().tweet(TweetFeed.ids)
        try deployment.expectExactSums(of: clients, since: before)
        for address in addresses {
          #expect(try HTTPClient.request("GET", "/readyz", at: address).status == 200)
        }
        edge.process?.signal(SIGTERM)
        #expect(try #require(edge.process).waitForEnd() == .exited(0))
        deployment.hub.process?.signal(SIGTERM)
        #expect(try #require(deployment.hub.process).waitForEnd() == .exited(0))
        for path in [path, adminPath] { #expect(!FileManager.default.fileExists(atPath: path)) }
      }
    }
  }
}
