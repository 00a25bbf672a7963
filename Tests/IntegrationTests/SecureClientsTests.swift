import Foundation
import Primitives
import Reactor
import TLS
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("TLS clients", .patient)
  struct SecureClientsTests {
    @Test("TLS 1.3 and TLS 1.2 clients get the same as plain ones, large events included")
    func streams() throws {
      try Self.run { edge, deployment in
        let before = try deployment.redis.client().totals()
        let approaches = [try edge.plain, try edge.secure(), try edge.secure(upTo: .tls12)]
        let sums = try approaches.map { try SSEClient("/subscribe/eps", by: $0) }
        let raws = try approaches.map { try SSEClient("/subscribe/raw", by: $0) }
        let details = try approaches.map { try SSEClient("/subscribe/details/1F4C2", by: $0) }
        try deployment.waitForTopics(2, of: edge)
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try feed.stop()
        // More than one TLS record can hold.
        let payload = String(repeating: "p", count: 60_000)
        try deployment.redis.client().tweet(["1F4C2", "1F4C2"], payload: payload)
        let tweets = feed.sent.filter { $0 == "1F4C2" }.count + 2
        try wait(for: "the details") { details.allSatisfy { $0.eventCount == tweets } }
        for client in details { #expect(client.events == details[0].events) }
        #expect(details[0].events.last?.data.count == payload.count)
        let ids = feed.sent + ["1F4C2", "1F4C2"]
        try wait(for: "the raw events") { raws.allSatisfy { $0.eventCount == ids.count } }
        for client in raws { #expect(client.events.map(\.text) == ids) }
        try deployment.expectExactSums(of: sums, since: before)
        // On a busy machine they are not answered within the same second.
        let heads = sums.map { ($0.head ?? "").split(separator: "\r\n").filter { !$0.hasPrefix("Date:") } }
        #expect(heads.allSatisfy { $0 == heads[0] && $0.count > 3 })
        #expect(try edge.metrics()["emojitrack_edge_handshakes_total{outcome=\"full\"}"] == 6)
      }
    }

    @Test("TLS 1.1, plain HTTP, garbage and stalled handshakes are refused, and harm no other client")
    func refused() throws {
      try Self.run(["--handshake-timeout", "1s"]) { edge, deployment in
        let before = try deployment.redis.client().totals()
        let clients = try [edge.plain, edge.secure()].map { try SSEClient("/subscribe/eps", by: $0) }
        let feed = try TweetFeed(deployment.redis.address)
        let secureAddress = try edge.secure().address

        let old = try Self.openssl(
          "-tls1_1 -cipher DEFAULT@SECLEVEL=0", to: secureAddress, in: deployment.folder)
        #expect(old.contains("alert protocol version"), "\(old)")
        var random = SeededGenerator(seed: 17)
        let hello = Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        let garbage = (0..<10).map { _ in (0..<1_024).map { _ in UInt8.random(in: 0...255, using: &random) } }
        // The beginning of a possible handshake that is never completed.
        let record: [UInt8] = [0x16, 0x03, 0x01, 0x01, 0x00] + [UInt8](repeating: 0xa5, count: 256)
        for bytes in [hello, record] + garbage {
          let answer = try HTTPClient.exchange(bytes, at: secureAddress)
          #expect(answer.firstRange(of: Array("HTTP".utf8)) == nil)
        }
        for beginning: [UInt8] in [[], [0x16, 0x03, 0x01]] {
          let start = MonotonicClock.now()
          #expect(try HTTPClient.exchange(beginning, at: secureAddress) == [])
          #expect(start.duration(to: MonotonicClock.now()) < .seconds(3))
        }
        try feed.stop()
        try deployment.expectExactSums(of: clients, since: before)
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_connections_closed_total{reason=\"handshakeFailed\"}"] ?? 0 >= 13)
        #expect(metrics["emojitrack_edge_handshakes_total{outcome=\"failed\"}"] ?? 0 >= 3)
        #expect(metrics["emojitrack_edge_handshakes_total{outcome=\"full\"}"] == 1)
      }
    }

    @Test(
      "A client that returns with a ticket needs no full handshake",
      arguments: ["-tls1_3", "-tls1_2"])
    func resumed(_ version: String) throws {
      try Self.run { edge, deployment in
        let ticket = deployment.folder.appending(path: "ticket").path
        let address = try edge.secure().address
        for flags in ["-sess_out \(ticket)", "-sess_in \(ticket)"] {
          let output = try Self.openssl("\(version) \(flags)", to: address, in: deployment.folder)
          #expect(output.contains("HTTP/1.1 200 OK"))
        }
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_handshakes_total{outcome=\"full\"}"] == 1)
        #expect(metrics["emojitrack_edge_handshakes_total{outcome=\"resumed\"}"] == 1)
      }
    }

    @Test(
      "A new certificate is shown to new clients, with SIGHUP or without; a bad one is refused; all clients stay"
    )
    func reload() throws {
      let run = try TestRun.shared()
      let shown = try run.newFolder()
      try Self.install(certificate: run.ours, key: run.ours, into: shown)
      try Self.run(certificate: shown) { edge, deployment in
        let before = try deployment.redis.client().totals()
        let client = try SSEClient("/subscribe/eps", by: edge.secure())
        let feed = try TweetFeed(deployment.redis.address)
        #expect(throws: TLSFailure.self) { try Self.greet(edge, trusting: run.theirs) }

        try Self.install(certificate: run.theirs, key: run.theirs, into: shown)
        edge.process?.signal(SIGHUP)
        try wait(for: "the new certificate", within: .seconds(3)) {
          (try? Self.greet(edge, trusting: run.theirs)) == 200
        }
        #expect(throws: TLSFailure.self) { try Self.greet(edge, trusting: run.ours) }

        try Self.install(certificate: run.ours, key: run.theirs, into: shown)
        edge.process?.signal(SIGHUP)
        try wait(for: "the refusal") {
          edge.log.contains("nothing is reloaded, and the old configuration stays")
        }
        #expect(try Self.greet(edge, trusting: run.theirs) == 200)

        try Self.install(certificate: run.ours, key: run.ours, into: shown)
        try wait(for: "the certificate that nobody told of") {
          (try? Self.greet(edge, trusting: run.ours)) == 200
        }
        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(!client.isEnded)
      }
    }

    @Test(
      "A TLS client that does not read for seconds gets exact sums when it continues, and delays no other",
      .alone)
    func stalled() throws {
      try Self.run { edge, deployment in
        let before = try deployment.redis.client().totals()
        let others = try [edge.plain, edge.secure()].map { try SSEClient("/subscribe/eps", by: $0) }
        let stalled = try [TLSPolicy.Version.tls13, .tls12].map { version in
          var approach = try edge.secure(upTo: version)
          approach.receiveBufferSize = 2_048
          return try SSEClient("/subscribe/eps", by: approach)
        }
        // Twice, so that the bytes that a client stalled on are followed by a sum, and the sum by events in step.
        let ids = (0..<2_000).map { "\($0)-" + String(repeating: "x", count: 59) }
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000, ids: ids)
        for _ in 0..<2 {
          for client in stalled { try client.pause() }
          try wait(for: "the clients to lag", within: .seconds(30)) {
            try edge.metrics()["emojitrack_edge_clients_lagging"] == 2
          }
          let (counts, flushesBefore) = (others.map(\.eventCount), try deployment.hub.flushes())
          letPass(.seconds(2))
          let flushes = try deployment.hub.flushes() - flushesBefore
          for (client, count) in zip(others, counts) {
            #expect(
              client.eventCount - count > (try Self.steps(of: edge) == 0 ? flushes * 2 / 3 : flushes / 12))
          }
          for client in stalled { try client.resume() }
          try wait(for: "the clients to be in step") {
            try edge.metrics()["emojitrack_edge_clients_lagging"] == 0
          }
        }
        try feed.waitForMore(100)
        try feed.stop()
        try deployment.expectExactSums(of: others + stalled, since: before)
        for client in stalled { #expect(client.eventCount < others[0].eventCount) }
        #expect(try edge.metrics()["emojitrack_edge_events_total{outcome=\"summed\"}"] ?? 0 > 100)
      }
    }

    @Test("300 TLS clients that connect at once hardly delay a plain client", .alone)
    func storm() throws {
      try Self.run(["--handshake-timeout", "20s"]) { edge, deployment in
        let before = try deployment.redis.client().totals()
        let client = try edge.client("/subscribe/eps")
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(100)
        let calm = Self.eventsPerSecond(of: client) { letPass(.seconds(2)) }
        let approach = try edge.secure()
        var crowd: [SSEClient] = []
        let stormy = try Self.eventsPerSecond(of: client) {
          // All clients have sent their hello before the first one has its whole answer.
          let sockets = try (0..<300).map { _ in try BlockingSocket(approach) }
          crowd = try sockets.map { try SSEClient("/subscribe/eps", on: $0, waits: false) }
          for client in crowd { try client.waitForBeginning() }
        }
        // Clients and edge share this machine, and all are busy with handshakes, so some slowdown is acceptable.
        #expect(stormy > calm / 3, "\(stormy) events a second after \(calm)")
        #expect(crowd.allSatisfy { $0.retries.count == 1 })
        try feed.stop()
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try edge.metrics()["emojitrack_edge_handshakes_total{outcome=\"full\"}"] == 300)
        for client in crowd { client.close() }
      }
    }

    /// One edge with one worker that also serves TLS clients.
    private static func run(
      _ flags: [String] = [], certificate: URL? = nil, _ body: (EdgeNode, Deployment) throws -> Void
    ) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "1"] + flags
      options.secure = try certificate ?? TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    /// The status of a health request from a client that trusts this authority.
    @discardableResult
    private static func greet(_ edge: EdgeNode, trusting authority: URL) throws -> Int {
      try HTTPClient.request("GET", "/healthz", by: edge.secure(trusting: authority)).status
    }

    /// Replaces a certificate and its key.
    private static func install(certificate: URL, key: URL, into folder: URL) throws {
      for source in [certificate.appending(path: "hub.pem"), key.appending(path: "hub.key")] {
        let target = folder.appending(path: source.lastPathComponent)
        let new = target.appendingPathExtension("new")
        try FileManager.default.copyItem(at: source, to: new)
        #expect(unsafe rename(new.path, target.path) == 0)
      }
    }

    /// The output of `openssl s_client` for a health request.
    private static func openssl(_ flags: String, to address: SocketAddress, in folder: URL) throws -> String {
      let authority = try TestRun.shared().ours.appending(path: "ca.pem").path
      let request = "GET /healthz HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
      let command =
        "printf '\(request)' | openssl s_client -quiet \(flags) -CAfile \(authority) -connect \(address)"
      let log = folder.appending(path: "openssl-\(UInt32.random(in: 0 ... .max)).log").path
      let process = try ChildProcess("openssl", "sh", ["-c", command], log: log)
      _ = try process.waitForEnd()
      return process.log
    }

    /// The number of events a second that a client gets meanwhile.
    private static func eventsPerSecond(of client: SSEClient, during body: () throws -> Void) rethrows
      -> Double
    {
      let count = client.eventCount
      let start = MonotonicClock.now()
      try body()
      let seconds = Double(start.duration(to: MonotonicClock.now()).wholeMilliseconds) / 1_000
      return Double(client.eventCount - count) / seconds
    }

    /// How often the edge has halved its rate.
    private static func steps(of edge: EdgeNode) throws -> Double {
      try #require(try edge.metrics()["emojitrack_edge_governor_steps_total"])
    }
  }
}
