import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("An announced drain", .patient)
  struct AnnouncedDrainTests {
    private static let announce = Duration.seconds(4)
    private static let window = Duration.seconds(2)

    private static func options(_ edgeCount: Int) -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = edgeCount
      options.edgeFlags = ["--drain-announce", "4s", "--drain-window", "2s", "--workers", "2"]
      return options
    }

    enum Order: String, CaseIterable, Sendable { case drain, stop }

    private func tell(_ order: Order, _ deployment: Deployment) throws {
      switch order {
      case .drain:
        let answer = try deployment.hub.ask("POST", "/admin/edges/edge-1/drain", body: "{}")
        #expect(answer.status == 200)
      case .stop: deployment.edges[0].process?.signal(SIGTERM)
      }
    }

    @Test(
      "While one of two edges behind HAProxy drains, no request for a stream gets anything but a stream",
      .enabled(if: Proxy.hasHAProxy, Proxy.isMissing), arguments: Order.allCases)
    func nobodyIsRefused(_ order: Order) throws {
      try Deployment.run(Self.options(2)) { deployment in
        // A proxy that does not retry, so that each refusal by an edge shows.
        let proxy = try Proxy.haproxy(deployment.edges, in: deployment.folder, asksAgain: false)
        var clients: [SSEClient] = []
        func open(for time: Duration) throws {
          let end = MonotonicClock.now().advanced(by: time)
          while MonotonicClock.now() < end {
            clients.append(try SSEClient("/subscribe/raw", at: proxy.address, waits: false))
            letPass(.milliseconds(40))
          }
        }
        try open(for: .seconds(1))
        let start = MonotonicClock.now()
        try tell(order, deployment)
        let before = clients.count
        try open(for: Self.announce + Self.window + .seconds(1))
        #expect(clients.count - before >= 100)
        try wait(for: "all answers") { clients.allSatisfy { $0.head != nil } }
        #expect(clients.count { $0.head?.hasPrefix("HTTP/1.1 200 ") != true } == 0)
        // The example's HAProxy turns a 503 into a 200 too, but not into a stream.
        #expect(clients.count { $0.head?.lowercased().contains("transfer-encoding: chunked") != true } == 0)
        // Clients of the draining edge are released in order; each gets a time to reconnect, at its beginning and
        // its end.
        let edge = deployment.edges[0]
        if order == .stop {
          #expect(try edge.process?.waitForEnd() == .exited(0))
          #expect(start.duration(to: MonotonicClock.now()) < Self.announce + Self.window + .seconds(5))
        } else {
          try wait(for: "the end of the drain") {
            try deployment.hub.page().edge(edge.name)?.report?["clients_eps"] == 0
              && deployment.hub.page().edge(edge.name)?.report?["clients_raw"] == 0
          }
        }
        letPass(.milliseconds(200))
        // HAProxy keeps their connections, so the last chunk ends a stream.
        let ended = clients.filter(\.isComplete)
        #expect(!ended.isEmpty && ended.count < clients.count)
        #expect(ended.allSatisfy { $0.retries.count == 2 })
        #expect(clients.count(where: \.isEnded) == 0)
      }
    }

    @Test("The edge reports that it is not ready, serves new clients, releases none, and can be called back")
    func announcement() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        let clients = try (0..<10).map { _ in try edge.client("/subscribe/raw") }
        let answer = try deployment.hub.ask(
          "POST", "/admin/edges/edge-1/drain", body: #"{"announce":600,"window":1}"#)
        #expect(answer.status == 200 && answer.text.contains(#""released":0"#))
        let readiness = try HTTPClient.request("GET", "/readyz", by: edge.plain)
        #expect(readiness.status == 503 && readiness.text.contains("announced"))
        let newcomer = try edge.client("/subscribe/raw")
        #expect(newcomer.head?.hasPrefix("HTTP/1.1 200 ") == true)
        letPass(.milliseconds(1_500))
        #expect((clients + [newcomer]).allSatisfy { !$0.isEnded })
        let metrics = try edge.metrics()
        #expect(metrics["emojitrack_edge_draining"] == 1 && metrics["emojitrack_edge_drain_announced"] == 1)
        #expect(
          try HTTPClient.request("GET", "/admin/status.json", by: edge.plain).text.contains(
            #""status":"DRAINING""#))
        try wait(for: "the report") { try deployment.hub.page().edge(edge.name)?.report?["is_draining"] == 1 }

        #expect(try deployment.hub.ask("POST", "/admin/edges/edge-1/undrain", body: "{}").status == 200)
        try edge.waitUntilReady()
        #expect(try edge.metrics()["emojitrack_edge_drain_announced"] == 0)
        #expect((clients + [newcomer]).allSatisfy { !$0.isEnded })

        // Without an announcement the drain begins at once, although one is announced.
        _ = try deployment.hub.ask("POST", "/admin/edges/edge-1/drain", body: #"{"announce":600}"#)
        _ = try deployment.hub.ask("POST", "/admin/edges/edge-1/drain", body: #"{"announce":0,"window":1}"#)
        try wait(for: "the ends", within: .seconds(3)) { clients.allSatisfy(\.isEnded) }
      }
    }

    @Test("A second signal ends an edge at once that has only announced its stop")
    func secondSignal() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        edge.process?.signal(SIGTERM)
        try wait(for: "the announcement") { edge.log.contains("announced") }
        edge.process?.signal(SIGTERM)
        #expect(try edge.process?.waitForEnd(within: .seconds(2)) == .exited(0))
      }
    }
  }
}
