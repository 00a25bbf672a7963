import Foundation
import Testing

extension IntegrationTests {
  @Suite("Metrics, the dashboard and the alerts", .patient)
  struct MetricsTests {
    private static let prometheus = TestRun.package.appending(path: "Deploy/prometheus")
    private static let dashboard = TestRun.package.appending(path: "Deploy/grafana/emojitrack-relay.json")

    /// Two edges with clients of all streams, plain and over TLS, and a hub that has their reports.
    private static func runLoaded(_ body: (Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.secure = try TestRun.shared().ours
      options.edgeFlags = ["--workers", "2", "--details-all-enabled", "true"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let clients = try ["/subscribe/eps", "/subscribe/raw", "/subscribe/details", "/subscribe/eps?hz=5"]
          .map {
            try edge.client($0)
          }
        let secure = try SSEClient("/subscribe/eps", by: edge.secure())
        defer { for client in clients + [secure] { client.close() } }
        for client in clients + [secure] { try client.waitForBeginning() }
        let feed = try TweetFeed(deployment.redis.address)
        try wait(for: "events in the hub's metrics", within: .seconds(20)) {
          let hub = try deployment.hub.metrics()
          // The first report of an edge may be from before it had all totals.
          return hub["emojitrack_hub_edge_delivery_latency_seconds_count{node=\"edge-1\"}"] ?? 0 > 50
            && hub["emojitrack_hub_edge_hubs_fresh{node=\"edge-2\"}"] == 1
        }
        try feed.stop()
        try body(deployment)
      }
    }

    private static func text(of deployment: Deployment) throws -> (hub: [UInt8], edge: [UInt8]) {
      (
        try HTTPClient.request("GET", "/metrics", at: deployment.hub.adminAddress).body,
        try HTTPClient.request("GET", "/metrics", at: deployment.edges[0].address).body
      )
    }

    @Test(
      "The metrics of hub and edges are true, and the hub reports the same figures of the edges as the edges themselves"
    )
    func figures() throws {
      try Self.runLoaded { deployment in
        let edge = try deployment.edges[0].metrics()
        #expect(edge["emojitrack_edge_connections{stream=\"eps\",protocol=\"http\"}"] == 2)
        #expect(edge["emojitrack_edge_connections{stream=\"eps\",protocol=\"https\"}"] == 1)
        #expect(edge["emojitrack_edge_connections{stream=\"all_details\",protocol=\"http\"}"] == 1)
        #expect(edge["emojitrack_edge_clients{stream=\"eps\"}"] == 3)
        for name in ["delivery_latency_seconds", "flush_duration_seconds", "turn_duration_seconds"] {
          let buckets = edge.filter { $0.key.hasPrefix("emojitrack_edge_\(name)_bucket") }
          #expect(!buckets.isEmpty && buckets.values.contains { $0 > 0 }, "\(name)")
        }
        // With one machine and one clock, nothing is delivered before its flush, and hardly anything a second later.
        let eps = "emojitrack_edge_delivery_latency_seconds"
        let sum = try #require(edge["\(eps)_sum{stream=\"eps\"}"])
        let count = try #require(edge["\(eps)_count{stream=\"eps\"}"])
        #expect(count > 20 && sum > 0 && sum / count < 1, "\(sum) s in all for \(count)")
        #expect(edge["\(eps)_bucket{stream=\"eps\",le=\"+Inf\"}"] == count)

        // Certificates that are valid for 30 days, made within this run.
        let now = Date().timeIntervalSince1970
        for shownTo in ["hubs", "clients"] {
          let end = edge["emojitrack_edge_certificate_end_timestamp_seconds{shown_to=\"\(shownTo)\"}"] ?? 0
          #expect(abs(end - now - 30 * 86_400) < 86_400, "\(shownTo)")
        }

        let hub = try deployment.hub.metrics()
        let end = hub["emojitrack_hub_certificate_end_timestamp_seconds{shown_to=\"edges\"}"] ?? 0
        #expect(abs(end - now - 30 * 86_400) < 86_400)
        #expect(hub["emojitrack_hub_rebalance_active"] == 0 && hub["emojitrack_hub_admin_watchers"] == 0)
        let framesReceived = edge["emojitrack_edge_link_frames_total{hub=\"1\"}"] ?? 0
        let framesSent = hub["emojitrack_hub_frames_sent_total"] ?? 0
        #expect(framesReceived > 20 && framesSent > framesReceived, "\(framesSent) to two edges")
        #expect(hub["emojitrack_hub_bytes_sent_total"] ?? 0 > 1_000)
        #expect(hub["emojitrack_hub_bytes_received_total"] ?? 0 > 100)
        #expect(hub["emojitrack_hub_edge_up{node=\"edge-1\"}"] == 1)
        #expect(hub["emojitrack_hub_edge_up{node=\"edge-2\"}"] == 1)
        #expect(hub["emojitrack_hub_edge_clients{node=\"edge-1\",stream=\"eps\"}"] == 3)
        #expect(hub["emojitrack_hub_edge_clients_secure{node=\"edge-1\"}"] == 1)
        #expect(hub["emojitrack_hub_edge_handshakes_total{node=\"edge-1\"}"] == 1)
        #expect(hub["emojitrack_hub_edge_hubs_fresh{node=\"edge-2\"}"] == 1)
        #expect(hub["emojitrack_hub_edge_delivery_latency_seconds_count{node=\"edge-2\"}"] == 0)
        #expect(try #require(hub["emojitrack_hub_tick_duration_seconds_count"]) > 10)
      }
    }

    @Test(
      "Prometheus's own tool finds no fault in either",
      .enabled(if: Promtool.isThere, Promtool.isMissing))
    func lint() throws {
      try Self.runLoaded { deployment in
        let (hub, edge) = try Self.text(of: deployment)
        for (name, text) in [("hub", hub), ("edge", edge)] {
          let (isGood, output) = try Promtool.run(["check", "metrics"], input: text)
          #expect(isGood && output.isEmpty, "\(name): \(output)")
        }
      }
    }

    @Test("The dashboard and the alerts use only metrics that hub and edges have")
    func names() throws {
      let wanted =
        try Self.names(in: Self.dashboard)
        .union(Self.names(in: Self.prometheus.appending(path: "alerts.yaml")))
      #expect(wanted.count > 30)
      try Self.runLoaded { deployment in
        let (hub, edge) = try Self.text(of: deployment)
        let lines = String(decoding: hub + edge, as: UTF8.self).split(separator: "\n")
        let told = Set(
          lines.filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != "{" && $0 != " " }) })
        // Events that have not happened may have no sample yet, but the family is declared.
        let announced = Set(
          lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
        #expect(wanted.subtracting(told).subtracting(announced) == [])
      }
    }

    /// All names of our metrics in a file.
    private static func names(in file: URL) throws -> Set<String> {
      let text = try String(contentsOf: file, encoding: .utf8)
      return Set(text.matches(of: /emojitrack_(?:hub|edge)_[a-z0-9_]+/).map { String($0.output) })
    }

    @Test(
      "The alerts are valid, fire when they should, and are silent otherwise",
      .enabled(if: Promtool.isThere, Promtool.isMissing))
    func alerts() throws {
      for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let (isGood, output) = try Promtool.run(arguments, in: Self.prometheus)
        #expect(isGood, "\(output)")
      }
    }

    private struct Dashboard: Decodable {
      struct Target: Decodable {
        let expr: String
      }
      struct Panel: Decodable {
        let id: Int
        let title: String
        let targets: [Target]?
      }
      let panels: [Panel]
    }

    @Test(
      "Prometheus can parse every query of the dashboard",
      .enabled(if: Promtool.isThere, Promtool.isMissing))
    func dashboard() throws {
      let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: Self.dashboard))
      #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
      let questions = dashboard.panels.flatMap { $0.targets ?? [] }.map(\.expr)
      #expect(questions.count > 30)
      // Grafana inserts a duration or the chosen names here; for parsing, any will do.
      let rules = questions.enumerated().map { index, question in
        let text = question.replacing("$__rate_interval", with: "5m").replacing("\"", with: "\\\"")
        return "  - { record: \"panel:\(index)\", expr: \"\(text)\" }\n"
      }
      let file = try TestRun.shared().newFolder().appending(path: "rules.yaml")
      try ("groups:\n- name: dashboard\n  rules:\n" + rules.joined()).write(
        to: file, atomically: true, encoding: .utf8)
      let (isGood, output) = try Promtool.run(["check", "rules", file.path])
      #expect(isGood, "\(output)")
    }
  }
}
