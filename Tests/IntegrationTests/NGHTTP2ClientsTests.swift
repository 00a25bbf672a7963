import Foundation
import Primitives
import TestSupport
import Testing

/// The programs of nghttp2.
enum NGHTTP2 {
  static let areThere =
    ChildProcess.succeeds("nghttp", ["--version"]) && ChildProcess.succeeds("h2load", ["--version"])
  static let areMissing: Comment =
    "nghttp and h2load are not installed: Scripts/install.sh --with-clients gets them"
}

extension IntegrationTests {
  /// The clients of nghttp2. Unlike browsers and curl, nghttp sends priorities and padding, and grants small windows
  /// if told to; h2load opens very many streams at once.
  @Suite("nghttp and h2load", .patient, .enabled(if: NGHTTP2.areThere, NGHTTP2.areMissing))
  struct NGHTTP2ClientsTests {
    private static let streams = "emojitrack_edge_connections{stream=\"eps\",protocol=\"h2\"}"

    private static func run(_ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = ["--workers", "2"]
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    private func start(_ program: String, _ arguments: [String], in deployment: Deployment) throws
      -> ChildProcess
    {
      let log = deployment.folder.appending(path: "\(program)-\(UInt32.random(in: 0 ... .max)).log").path
      return try ChildProcess(program, program, arguments, log: log)
    }

    private func release(_ count: Int, of deployment: Deployment) throws {
      let answer = try deployment.hub.ask(
        "POST", "/admin/edges/edge-1/shed", body: #"{"clients":\#(count),"window":1}"#)
      #expect(answer.status == 200)
    }

    // MARK: nghttp

    @Test("nghttp reads streams exactly, to their end in order", arguments: HTTP2Tests.Way.allCases)
    func streams(way: HTTP2Tests.Way) throws {
      try Self.run { edge, deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let url = try way.origin(of: edge) + "/subscribe/eps"
        let nghttp = try start(
          "nghttp", ["--no-verify-peer", "--padding=64", "--multiply=5", url], in: deployment)
        try wait(for: "5 streams") { try edge.metrics()[Self.streams] == 5 }
        #expect(try edge.metrics()["emojitrack_edge_http2_connections"] == 1)
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try feed.stop()
        let grown = growth(from: before, to: try redis.totals())
        // It writes what it has received at its end.
        letPass(.milliseconds(300))
        try release(5, of: deployment)
        #expect(try nghttp.waitForEnd() == .exited(0), "\(nghttp.log)")
        let lines = nghttp.log.split(separator: "\n")
        let sums = lines.reduce(into: [ScoreID: UInt64]()) { sums, line in
          guard line.hasPrefix("data:") else { return }
          for (id, amount) in readScores(Array(line.dropFirst(5).utf8)) ?? [:] {
            sums[id, default: 0] += amount
          }
        }
        // The streams come one after the other, or mixed; each DATA frame is whole.
        #expect(sums == grown.mapValues { $0 * 5 })
        // One at the beginning of each stream, and one at its end.
        #expect(lines.count { $0.hasPrefix("retry:") } == 10, "\(nghttp.log)")
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_streams_total"] == 5)
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 1)
        #expect(metrics["emojitrack_edge_http2_resets_total{by=\"edge\"}"] == 0)
      }
    }

    /// What nghttp says about one request.
    private func ask(
      _ path: String, _ way: HTTP2Tests.Way, _ flags: [String] = [], _ edge: EdgeNode,
      _ deployment: Deployment
    ) throws -> String {
      let url = try way.origin(of: edge) + path
      let nghttp = try start(
        "nghttp", ["--no-verify-peer", "--verbose", "--padding=200", "--window-bits=10"] + flags + [url],
        in: deployment)
      #expect(try nghttp.waitForEnd() == .exited(0))
      return nghttp.log
    }

    @Test(
      "nghttp gets every other route, with padding, priorities and windows of 1,023 bytes",
      arguments: HTTP2Tests.Way.allCases)
    func routes(way: HTTP2Tests.Way) throws {
      try Self.run { edge, deployment in
        var requests = 0
        func ask(_ path: String, _ flags: String..., expecting status: Int, _ text: String) throws {
          let log = try self.ask(path, way, flags, edge, deployment)
          requests += 1
          #expect(log.contains(" :status: \(status)\n"), "\(path): \(log)")
          #expect(log.contains(text), "\(path): \(log)")
          if way == .alpn { #expect(log.contains("The negotiated protocol: h2\n")) }
        }
        let body = deployment.folder.appending(path: "body").path
        try Data("a=b".utf8).write(to: URL(filePath: body))
        try ask("/healthz", expecting: 200, "OK\n")
        try ask("/readyz", expecting: 200, "OK\n")
        try ask("/", expecting: 200, "</html>")
        try ask("/metrics", expecting: 200, "emojitrack_edge_http2_connections 1\n")
        try ask("/admin/status.json", expecting: 200, #""node":"edge-1""#)
        try ask("/nothing", expecting: 404, "content-length")
        try ask("/subscribe/eps?hz=0", expecting: 400, "hz must be a whole number")
        try ask(
          "/subscribe/cleanup/scores?client=0123456789abcdef", "--data=\(body)", expecting: 200,
          #""closed":0"#)
        try ask(
          "/subscribe/eps", "--header=:method: HEAD", expecting: 200,
          "content-type: text/event-stream; charset=utf-8\n")
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_streams_total"] == Double(requests))
        for reason in ["violation", "flood", "fields", "slow"] {
          #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"\(reason)\"}"] == 0)
        }
      }
    }

    @Test("24 KiB of header fields in CONTINUATION frames are refused, and counted")
    func continuation() throws {
      try Self.run { edge, deployment in
        let log = try ask("/healthz", .alpn, ["--continuation"], edge, deployment)
        #expect(log.contains("error_code=ENHANCE_YOUR_CALM") && !log.contains(":status:"), "\(log)")
        #expect(try edge.metrics()["emojitrack_edge_http2_goaways_total{reason=\"fields\"}"] == 1)
      }
    }

    // MARK: h2load

    /// Expects h2load to say that it got this many whole answers, and nothing else.
    private func expectAll(_ count: Int, _ log: String) {
      let line =
        "requests: \(count) total, \(count) started, \(count) done, \(count) succeeded, 0 failed, 0 errored, "
        + "0 timeout"
      #expect(log.contains(line) && log.contains("status codes: \(count) 2xx, 0 3xx, 0 4xx, 0 5xx"), "\(log)")
    }

    @Test(
      "h2load gets 4,000 answers over ten connections, a hundred at a time",
      arguments: HTTP2Tests.Way.allCases)
    func answers(way: HTTP2Tests.Way) throws {
      try Self.run { edge, deployment in
        let accepted = try edge.metrics()["emojitrack_edge_connections_accepted_total"] ?? 0
        let url = try way.origin(of: edge) + "/healthz"
        let load = try start("h2load", ["-n", "4000", "-c", "10", "-m", "100", url], in: deployment)
        #expect(try load.waitForEnd(within: .seconds(30)) == .exited(0))
        expectAll(4_000, load.log)
        #expect(load.log.contains("Application protocol: \(way == .alpn ? "h2" : "h2c")\n"))
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_http2_streams_total"] == 4_000)
        // And the request for the metrics.
        #expect(metrics["emojitrack_edge_connections_accepted_total"] == accepted + 11)
        for by in ["client", "edge"] {
          #expect(metrics["emojitrack_edge_http2_resets_total{by=\"\(by)\"}"] == 0)
        }
      }
    }

    @Test("h2load has 1,000 streams on ten connections, and each ends in order")
    func load() throws {
      try Self.run { edge, deployment in
        let url = try HTTP2Tests.Way.alpn.origin(of: edge) + "/subscribe/eps"
        let load = try start("h2load", ["-n", "1000", "-c", "10", "-m", "100", url], in: deployment)
        try wait(for: "1,000 streams") { try edge.metrics()[Self.streams] == 1_000 }
        #expect(try edge.metrics()["emojitrack_edge_http2_connections"] == 10)
        let redis = try deployment.redis.client()
        for _ in 0..<20 { try redis.tweet(["1F4C2"]) }
        try release(1_000, of: deployment)
        #expect(try load.waitForEnd(within: .seconds(30)) == .exited(0))
        expectAll(1_000, load.log)
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_connections_closed_total{reason=\"shed\"}"] == 1_000)
        #expect(metrics["emojitrack_edge_http2_goaways_total{reason=\"released\"}"] == 10)
        #expect(metrics["emojitrack_edge_http2_resets_total{by=\"edge\"}"] == 0)
      }
    }

    @Test("h2load leaves 500 streams after three seconds, none of which failed")
    func limited() throws {
      try Self.run { edge, deployment in
        let url = try HTTP2Tests.Way.priorKnowledge.origin(of: edge) + "/subscribe/eps"
        let load = try start("h2load", ["-D", "3", "-c", "5", "-m", "100", url], in: deployment)
        try wait(for: "500 streams") { try edge.metrics()[Self.streams] == 500 }
        #expect(try load.waitForEnd(within: .seconds(20)) == .exited(0))
        // None has ended, so none is complete.
        #expect(
          load.log.contains("500 started, 0 done, 0 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load.log)"
        )
        #expect(load.log.contains("status codes: 500 2xx, 0 3xx, 0 4xx, 0 5xx"), "\(load.log)")
        try wait(for: "the end") {
          let metrics = try edge.metrics()
          return metrics[Self.streams] == 0 && metrics["emojitrack_edge_http2_connections"] == 0
        }
        #expect(try edge.metrics()["emojitrack_edge_http2_streams_total"] == 500)
      }
    }
  }
}
