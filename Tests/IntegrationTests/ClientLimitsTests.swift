import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Limits on clients, and their addresses", .patient)
  struct ClientLimitsTests {
    private static let path = "/subscribe/eps"

    private static func run(
      _ flags: [String], descriptorLimit: Int? = nil, preamble: [UInt8] = [],
      _ body: (EdgeNode, Deployment) throws -> Void
    ) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags
      options.secure = try TestRun.shared().ours
      options.descriptorLimit = descriptorLimit
      options.preamble = preamble
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    @Test(
      "An address has a limit: beyond it clients are rejected, others are not, and a place is freed again"
    )
    func perAddress() throws {
      try Self.run(["--clients-address-maximum", "2", "--workers", "2"]) { edge, deployment in
        var crowded = try edge.plain
        crowded.source = "127.0.0.2"
        var secured = try edge.secure()
        secured.source = "127.0.0.2"
        let held = [try edge.browser(Self.path, by: crowded), try edge.browser(Self.path, by: secured)]
        #expect(try edge.browser(Self.path, by: crowded).isTurnedAway())
        #expect(try edge.browser(Self.path, by: secured).isTurnedAway())
        let answer = try HTTPClient.request("GET", Self.path, by: crowded, fields: "Accept: */*\r\n")
        #expect(answer.status == 503 && answer.fields["retry-after"] != nil)
        #expect(try edge.metrics()["emojitrack_edge_clients_refused_total"] == 3)
        // A forged field of a client that is not trusted changes nothing.
        #expect(
          try edge.browser(Self.path, by: crowded, fields: "X-Forwarded-For: 192.0.2.1\r\n").isTurnedAway())

        let others = held + [try edge.browser(Self.path)]
        #expect(try edge.clientAddresses(of: Self.path) == ["127.0.0.1", "127.0.0.2", "127.0.0.2"])
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the event") { others.allSatisfy { $0.sum == 1 } }
        held[1].close()
        try wait(for: "room") { try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 2 }
        #expect(try !edge.browser(Self.path, by: crowded).isTurnedAway())
      }
    }

    @Test("X-Forwarded-For counts as far as trusted proxies wrote it")
    func forwarded() throws {
      let flags = ["--clients-address-maximum", "1", "--proxy-trusted", "127.0.0.1,10.0.0.0/8"]
      try Self.run(flags) { edge, _ in
        var stranger = try edge.plain
        stranger.source = "127.0.0.9"
        let clients = [
          try edge.browser(Self.path, fields: "X-Forwarded-For: 203.0.113.7\r\n"),
          // A client may have invented everything to the left of the first untrusted address.
          try edge.browser(Self.path, fields: "X-Forwarded-For: 192.0.2.66, 203.0.113.8, 10.1.2.3\r\n"),
          try edge.browser(
            Self.path, fields: "X-Forwarded-For: 192.0.2.67\r\nX-Forwarded-For: 203.0.113.9\r\n"),
          try edge.browser(Self.path, by: stranger, fields: "X-Forwarded-For: 203.0.113.10\r\n"),
        ]
        #expect(
          try edge.clientAddresses(of: Self.path) == [
            "127.0.0.9", "203.0.113.7", "203.0.113.8", "203.0.113.9",
          ])
        // The same addresses again, whatever else the clients claim.
        #expect(
          try edge.browser(Self.path, fields: "X-Forwarded-For: 192.0.2.68, 203.0.113.7\r\n").isTurnedAway())
        #expect(try edge.browser(Self.path, by: stranger).isTurnedAway())
        // A proxy that does not forward clients' addresses is not limited.
        #expect(try (0..<3).allSatisfy { _ in try !edge.browser(Self.path).isTurnedAway() })
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }

    @Test("Forwarded follows the same rules if there is no X-Forwarded-For")
    func forwardedElements() throws {
      let flags = ["--clients-address-maximum", "1", "--proxy-trusted", "127.0.0.1,10.0.0.0/8"]
      try Self.run(flags) { edge, _ in
        let clients = [
          try edge.browser(Self.path, fields: "Forwarded: for=203.0.113.7;proto=https\r\n"),
          try edge.browser(Self.path, fields: "Forwarded: for=192.0.2.66, For=\"[2001:db8::8]:4711\"\r\n"),
          try edge.browser(
            Self.path, fields: "Forwarded: for=192.0.2.67\r\nX-Forwarded-For: 203.0.113.9\r\n"),
        ]
        #expect(
          try edge.clientAddresses(of: Self.path) == ["2001:db8::8", "203.0.113.7", "203.0.113.9"])
        #expect(
          try edge.browser(Self.path, fields: "Forwarded: for=192.0.2.68,for=203.0.113.7\r\n").isTurnedAway())
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }

    /// A PROXY header of version 1.
    private static func line(_ source: String) -> [UInt8] {
      Array("PROXY TCP4 \(source) 127.0.0.1 40000 443\r\n".utf8)
    }

    /// A PROXY header of version 2, with an extension after the addresses that must be skipped.
    private static func binary(_ source: [UInt8]) -> [UInt8] {
      let signature: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
      let addresses = source + [127, 0, 0, 1, 0x9c, 0x40, 0x01, 0xbb]
      let extra: [UInt8] = [0x04, 0x00, 0x03, 0x00, 0x00, 0x00]
      return signature + [0x21, 0x11, 0x00, UInt8(addresses.count + extra.count)] + addresses + extra
    }

    @Test(
      "The PROXY protocol gives the client's address, also in front of TLS; without it no client is served"
    )
    func proxyProtocol() throws {
      let flags = [
        "--listen-proxy", "true", "--https-proxy", "true", "--proxy-trusted", "127.0.0.1",
        "--clients-address-maximum", "1",
      ]
      try Self.run(flags, preamble: Array("PROXY UNKNOWN\r\n".utf8)) { edge, deployment in
        let headers = [Self.line("203.0.113.1"), Self.binary([203, 0, 113, 2])]
        let secureHeaders = [Self.line("203.0.113.3"), Self.binary([203, 0, 113, 4])]
        var approaches: [Approach] = []
        for (base, headers) in [(try edge.plain, headers), (try edge.secure(), secureHeaders)] {
          for header in headers {
            var approach = base
            approach.preamble = header
            approaches.append(approach)
          }
        }
        let before = try deployment.redis.client().totals()
        let clients = try approaches.map { try edge.browser(Self.path, by: $0) }
        #expect(try edge.clientAddresses(of: Self.path) == (1...4).map { "203.0.113.\($0)" })
        for approach in approaches { #expect(try edge.browser(Self.path, by: approach).isTurnedAway()) }

        let refusedBefore = try edge.metrics()["emojitrack_edge_proxy_headers_refused_total"]
        #expect(refusedBefore == 0)
        var refused = 0
        for approach in approaches {
          var without = approach
          without.preamble = []
          var broken = approach
          broken.preamble = Array("PROXY TCP4 203.0.113.300 127.0.0.1 1 2\r\n".utf8)
          var stranger = approach
          stranger.source = "127.0.0.2"
          for approach in [without, broken, stranger] {
            #expect(throws: (any Error).self) { try HTTPClient.request("GET", "/healthz", by: approach) }
            refused += 1
          }
        }
        #expect(try edge.metrics()["emojitrack_edge_proxy_headers_refused_total"] == Double(refused))
        try deployment.redis.client().tweet(TweetFeed.ids)
        try deployment.expectExactSums(of: clients, since: before)
      }
    }

    @Test(
      "Without descriptors, an edge rejects excess clients, keeps the others, does not spin, and recovers")
    func descriptors() throws {
      try Self.run(["--workers", "1"], descriptorLimit: 200) { edge, deployment in
        let before = try deployment.redis.client().totals()
        let comers = try (0..<100).map { _ in try edge.browser(Self.path) }
        let held = try comers.filter { try !$0.isTurnedAway() }
        // 200 less the reserve for descriptors that are not for clients.
        #expect(held.count == 68)
        #expect(comers.prefix(68).allSatisfy { !$0.isEnded })

        // Idle connections fill the rest, and more.
        let idle = try (0..<150).map { _ in try BlockingSocket(edge.address) }
        let process = try #require(edge.process)
        let used = process.cpuTime
        letPass(.seconds(1))
        #expect(process.cpuTime - used < .milliseconds(250))
        #expect(process.poll() == nil)
        try deployment.redis.client().tweet(TweetFeed.ids)
        try wait(for: "the event") { held.allSatisfy { $0.sum == UInt64(TweetFeed.ids.count) } }
        for socket in idle { socket.finish() }
        // The edge is full, and so not ready, but it answers again.
        try wait(for: "room to talk") {
          (try? HTTPClient.request("GET", "/healthz", by: edge.plain).status) == 200
        }
        #expect(!edge.isReady)

        for client in held.prefix(5) { client.close() }
        try wait(for: "room") { try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 63 }
        let returned = try (0..<6).map { _ in try edge.browser(Self.path) }
        #expect(try returned.prefix(5).allSatisfy { try !$0.isTurnedAway() })
        #expect(try returned[5].isTurnedAway())
        try deployment.expectExactSums(of: Array(held.dropFirst(5)), since: before)
      }
    }
  }
}
