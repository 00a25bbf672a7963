import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("status.listen of a hub")
  struct HubStatusListenTests {
    private static func run(_ body: (Deployment, SocketAddress) throws -> Void) throws {
      let port = try TestRun.freePort()
      var options = Deployment.Options()
      options.edgeCount = 0
      options.hubFlags = ["--status-listen", ":\(port)"]
      try Deployment.run(options) { try body($0, .loopback(port)) }
    }

    @Test("It serves what probes and Prometheus need under any host, and nothing else")
    func routes() throws {
      try Self.run { deployment, address in
        for path in ["/healthz", "/readyz", "/metrics"] {
          let answer = try HTTPClient.request("GET", path, at: address, fields: "Host: hub.example\r\n")
          #expect(answer.status == 200, "\(path)")
        }
        for path in ["/", "/admin/status.json", "/admin/openapi.json", "/admin/configuration", "/live.js"] {
          #expect(try HTTPClient.request("GET", path, at: address).status == 404, "\(path)")
        }
        for (method, path) in [
          ("POST", "/admin/reload"), ("DELETE", "/admin/rebalance"), ("POST", "/healthz"),
        ] {
          #expect(try HTTPClient.request(method, path, at: address).status == 404, "\(method) \(path)")
        }
        #expect(
          try deployment.hub.metrics()["emojitrack_hub_admin_refusals_total{reason=\"status_only\"}"] == 8)
        deployment.redis.stop()
        try wait(for: "503") { try HTTPClient.request("GET", "/readyz", at: address).status == 503 }
        #expect(try HTTPClient.request("GET", "/healthz", at: address).status == 200)
      }
    }

    @Test("As many idle clients as there is room for do not keep operators out")
    func crowd() throws {
      try Self.run { deployment, address in
        let crowd = try (0..<100).map { _ in try BlockingSocket(address) }
        try wait(for: "a status listener without room") {
          (try? HTTPClient.request("GET", "/healthz", at: address).status) != 200
        }
        #expect(deployment.hub.isReady)
        // Idle connections end, and there is room again.
        try wait(for: "room", within: .seconds(30)) {
          (try? HTTPClient.request("GET", "/healthz", at: address).status) == 200
        }
        withExtendedLifetime(crowd) {}
      }
    }
  }
}
