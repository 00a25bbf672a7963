import Foundation
import Reactor
import Testing

extension IntegrationTests {
  /// The edge runs in a control group with a limit of 64 MiB, which the kernel enforces.
  @Suite("An edge with a memory limit", .patient, MemoryGroup.condition)
  struct EdgeMemoryTests {
    private static let limit = 64 << 20
    private static let closed = "emojitrack_edge_connections_closed_total{reason=\"memoryShort\"}"

    private struct Trial {
      let deployment: Deployment
      let group: MemoryGroup
      let edge: EdgeNode
      /// Where the edge's state is served in any case.
      let status: Approach
      /// Clients that read everything.
      let good: [SSEClient]

      func metrics() throws -> [String: Double] {
        HTTPClient.samples(try HTTPClient.request("GET", "/metrics", by: status).text)
      }

      func isMemoryShort() throws -> Bool {
        let answer = try HTTPClient.request("GET", "/readyz", by: status)
        return answer.status == 503 && answer.text.hasPrefix("Memory is short")
      }

      func waitUntilReady() throws {
        try wait(for: "enough memory", within: .seconds(25)) {
          try HTTPClient.request("GET", "/readyz", by: status).status == 200
        }
      }

      /// Takes memory beside the edge, until this percentage of the limit is in use.
      func fill(to percent: Int) throws -> ChildProcess {
        let ballast = try group.ballast(
          EdgeMemoryTests.limit / 100 * percent - group.used, in: deployment.folder)
        try wait(for: "the ballast") { try group.used >= EdgeMemoryTests.limit / 100 * (percent - 1) }
        return ballast
      }
    }

    /// Runs an edge with clients that read, and checks at the end that nothing has happened to them, and that the
    /// kernel has killed no process of the group.
    private static func run(_ flags: [String] = [], _ body: (Trial) throws -> Void) throws {
      let group = try MemoryGroup(limit: limit)
      let port = try TestRun.freePort()
      var options = Deployment.Options(edgeCount: 1)
      options.edgeFlags = ["--workers", "2", "--status-listen", "127.0.0.1:\(port)"] + flags
      options.secure = try TestRun.shared().ours
      options.memory = group
      try Deployment.run(options) { deployment in
        let before = try deployment.redis.client().totals()
        let edge = deployment.edges[0]
        let good = try (0..<20).map { _ in try edge.client("/subscribe/eps") }
        defer { for client in good { client.close() } }
        let trial = Trial(
          deployment: deployment, group: group, edge: edge,
          status: Approach(address: try .loopback(port)), good: good)
        #expect(try trial.metrics()["emojitrack_edge_memory_limit_bytes"] == Double(limit))
        let feed = try TweetFeed(deployment.redis.address)
        try body(trial)
        try feed.stop()
        try deployment.expectExactSums(of: good, since: before)
        #expect(good.allSatisfy { !$0.isEnded })
        #expect(edge.process?.poll() == nil)
        #expect(try group.killCount == 0)
      }
      try group.remove()
    }

    @Test("More clients over TLS than fit, which read nothing: the edge rejects them, lives, and recovers")
    func crowd() throws {
      try Self.run(["--https-records", "openssl"]) { trial in
        let url = try "https://\(trial.edge.secure().address)/subscribe/eps"
        let crowd = try ChildProcess(
          "crowd", TestRun.binary("emojitrack-bench"),
          [
            "load", "--url", url, "--clients", "4000", "--stalled", "4000", "--connect-rate", "700",
            "--authority", TestRun.shared().ours.appending(path: "ca.pem").path, "--seconds", "60",
          ], log: trial.deployment.folder.appending(path: "crowd.log").path)
        try wait(for: "memory to be short", within: .seconds(30)) { try trial.isMemoryShort() }
        // They try again and again, and each of them costs a handshake.
        letPass(.seconds(4))
        #expect(try trial.isMemoryShort())
        #expect(try trial.metrics()["emojitrack_edge_memory_short"] == 1)
        #expect(try trial.metrics()["emojitrack_edge_clients_refused_total"] ?? 0 > 100)
        #expect(try trial.group.used < Self.limit)
        crowd.kill()
        try trial.waitUntilReady()
        let newcomer = try trial.edge.client("/subscribe/eps")
        try wait(for: "an event") { newcomer.eventCount > 0 }
        newcomer.close()
        #expect(trial.edge.log.contains("there is enough memory again"))
      }
    }

    /// Clients of a topic that read nothing.
    private struct SlowClients {
      private static let path = "/subscribe/details/1F602"

      /// With HTTP/1, and with HTTP/2 and windows without an end: their sockets are full.
      let full: [BlockingSocket]
      /// With HTTP/2: they grant no window.
      let closed: [BlockingSocket]

      init(of edge: EdgeNode) throws {
        func sockets(_ count: Int, _ request: [UInt8]) throws -> [BlockingSocket] {
          try (0..<count).map { _ in
            let socket = try BlockingSocket(edge.address, receiveBufferSize: 2_048)
            try socket.send(request)
            return socket
          }
        }
        let greatest: [UInt8] = [0x7f, 0xff, 0, 0]
        full =
          try sockets(20, Array("GET \(Self.path) HTTP/1.1\r\nHost: relay\r\n\r\n".utf8))
          + sockets(
            5, HTTP2Bytes.opening(settings: [0, 4] + greatest, Self.path) + HTTP2Bytes.frame(8, greatest))
        closed = try sockets(5, HTTP2Bytes.opening(settings: [0, 4, 0, 0, 0, 0], Self.path))
      }

      var count: Int { full.count + closed.count }
    }

    @Test("From 80 % on new clients are rejected, and from 90 % on those that lag are closed, and no others")
    func slowest() throws {
      try Self.run { trial in
        let redis = try trial.deployment.redis.client()
        let slow = try SlowClients(of: trial.edge)
        try trial.deployment.waitForTopics(1, of: trial.edge)
        let payload = Array("\"\(String(repeating: "x", count: 60_000))\"".utf8)
        try wait(for: "clients that lag") {
          for _ in 0..<5 { try redis.publish("stream.tweet_updates.1F602", payload) }
          return try trial.metrics()["emojitrack_edge_clients_lagging"] == Double(slow.count)
        }

        // It is killed once it is released.
        var ballast = [try trial.fill(to: 83)]
        try wait(for: "memory to be short") { try trial.isMemoryShort() }
        #expect(try trial.edge.browser("/subscribe/eps").isTurnedAway())
        let status = try HTTPClient.request("GET", "/admin/status.json", by: trial.status).text
        #expect(status.contains(#""memory":{"state":"refusing","limit_bytes":\#(Self.limit),"#))
        #expect(try trial.metrics()[Self.closed] == 0)

        ballast.append(try trial.fill(to: 93))
        try wait(for: "the end of the slow clients") {
          try trial.metrics()[Self.closed] == Double(slow.count)
        }
        // The kernel does not go on offering what it holds for them. Where only a stream lags, the connection stays.
        for socket in slow.full { #expect(throws: Never.self) { try socket.receiveAll() } }
        #expect(
          try trial.metrics()["emojitrack_edge_http2_connections"] == Double(slow.closed.count))
        let late = try? trial.edge.client("/subscribe/eps")
        #expect(late.map { $0.isEnded && $0.head == nil } ?? true)
        #expect(trial.edge.log.contains("memory is nearly used up"))

        ballast.removeAll()
        try trial.waitUntilReady()
        let newcomer = try trial.edge.client("/subscribe/eps")
        try wait(for: "an event") { newcomer.eventCount > 0 }
        newcomer.close()
      }
    }
  }
}
