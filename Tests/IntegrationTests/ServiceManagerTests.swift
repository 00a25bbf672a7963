import Foundation
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("Hub and edge tell the service manager how they are", .patient)
  struct ServiceManagerTests {
    private static func environment(_ manager: ManagerSocket) -> [String: String] {
      ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "300000"]
    }

    /// Waits for a datagram that satisfies a condition, and returns it with those before it.
    private static func receive(
      _ what: String, from manager: ManagerSocket, until isLast: (String) -> Bool
    ) throws -> [String] {
      var datagrams: [String] = []
      try wait(for: what) {
        while let datagram = manager.receive() {
          datagrams.append(datagram)
          if isLast(datagram) { return true }
        }
        return false
      }
      return datagrams
    }

    @Test("A hub has started once it listens, without a Redis too; it reloads, lives and stops")
    func hub() throws {
      let folder = try TestRun.shared().newFolder()
      let manager = ManagerSocket()
      let nowhere = try TestRun.freePort()
      let hub = try Hub(
        in: folder, redisURL: "redis://127.0.0.1:\(nowhere)", environment: Self.environment(manager))
      try hub.start()
      #expect(try Self.receive("the start", from: manager) { _ in true } == ["READY=1"])
      #expect(try HTTPClient.request("GET", "/healthz", at: hub.adminAddress).status == 200)
      #expect(!hub.isReady)
      let life = try #require(try Self.receive("a sign of life", from: manager) { _ in true }.last)
      #expect(life.hasPrefix("WATCHDOG=1\nSTATUS=edges linked: 0; "), "\(life)")

      hub.process?.signal(SIGHUP)
      let reload = try Self.receive("the reload", from: manager) { $0 == "READY=1" }
      #expect(reload.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }, "\(reload)")
      hub.process?.signal(SIGTERM)
      _ = try Self.receive("the stop", from: manager) { $0 == "STOPPING=1" }
      #expect(try hub.process?.waitForEnd() == .exited(0))
    }

    @Test(
      "An edge has started once all workers turn; it counts its clients, and asks for the time of its drain")
    func edge() throws {
      let manager = ManagerSocket()
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let edge = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort],
          environment: Self.environment(manager), flags: ["--workers", "3", "--drain-window", "2s"])
        try edge.start()
        #expect(try Self.receive("the start", from: manager) { _ in true } == ["READY=1"])
        try edge.waitUntilReady()
        let client = try edge.client("/subscribe/raw")
        _ = try Self.receive("the client", from: manager) {
          $0 == "WATCHDOG=1\nSTATUS=streams: 1; hubs linked: 1 of 1"
        }
        edge.process?.signal(SIGHUP)
        let reload = try Self.receive("the reload", from: manager) { $0 == "READY=1" }
        #expect(reload.contains { $0.hasPrefix("RELOADING=1\n") }, "\(reload)")

        // drain.announce is 0 in tests; 5 s for clients that are left, and 10 s in reserve.
        edge.process?.signal(SIGTERM)
        _ = try Self.receive("the stop", from: manager) { $0 == "STOPPING=1\nEXTEND_TIMEOUT_USEC=17000000" }
        _ = try Self.receive("a sign of life", from: manager) { $0.hasSuffix("; draining") }
        #expect(try edge.process?.waitForEnd() == .exited(0))
        withExtendedLifetime(client) {}
      }
    }

    @Test(
      "An edge with a worker that stands still gives no sign of life, and gives them again when it goes on")
    func stuckWorker() throws {
      let manager = ManagerSocket()
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let edge = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort],
          environment: Self.environment(manager), flags: ["--workers", "2"])
        try edge.start()
        try edge.waitUntilReady()
        let process = try #require(edge.process?.identifier)
        for thread in ["worker-0", "worker-1", "emojitrack-edge"] {
          let stopper = try ThreadStopper(thread, of: process, in: deployment.folder)
          letPass(.milliseconds(200))
          _ = manager.receiveAll()
          letPass(.milliseconds(900))
          #expect(manager.receiveAll() == [], "\(thread) stands still")
          stopper.resume()
          _ = try Self.receive("a sign of life after \(thread)", from: manager) { $0.hasPrefix("WATCHDOG=1") }
        }
        edge.kill()
      }
    }
  }
}
