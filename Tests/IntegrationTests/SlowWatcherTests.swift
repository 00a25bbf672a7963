import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("A watcher of the hub's status that reads nothing", .patient)
  struct SlowWatcherTests {
    /// The status line for one more watcher.
    private static func answer(_ approach: Approach) throws -> String {
      let socket = try BlockingSocket(approach)
      try socket.send(Array("GET /admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
      return String(decoding: try socket.receive(), as: UTF8.self).components(separatedBy: "\r\n")[0]
    }

    @Test(
      "It is disconnected after a while, costs little until then, and delays no other client, also over TLS")
    func givenUp() throws {
      let files = try AdminFiles()
      var options = Deployment.Options(edgeCount: 2)
      options.hubFlags = try files.flags
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let local = Approach(address: try hub.adminAddress)
        let good = try SSEClient("/admin/events", by: local)
        let memoryBefore = try #require(try hub.metrics()["emojitrack_hub_memory_bytes"])
        let stalled = try (0..<7).map { number in
          var approach = number % 2 == 0 ? local : try files.approach()
          approach.receiveBufferSize = 2_048
          let fields = number % 2 == 0 ? "" : AdminFiles.bearer(AdminFiles.readerToken)
          let client = try SSEClient("/admin/events", by: approach, fields: fields)
          try client.pause()
          return client
        }
        #expect(try Self.answer(local) == "HTTP/1.1 503 Service Unavailable")
        _ = good.takeLongestPause()
        try wait(for: "room", within: .seconds(120)) {
          letPass(.seconds(1))
          return try Self.answer(local) == "HTTP/1.1 200 OK"
        }
        try wait(for: "all to be given up", within: .seconds(60)) {
          letPass(.seconds(1))
          return try hub.metrics()["emojitrack_hub_admin_watchers"] == 1
        }
        let memory = try #require(try hub.metrics()["emojitrack_hub_memory_bytes"])
        #expect(memory - memoryBefore < 8 * 1_024 * 1_024)
        #expect(good.takeLongestPause() < .seconds(3) && !good.isEnded)
        for client in stalled { try client.resume() }
        try wait(for: "their ends") { stalled.allSatisfy(\.isEnded) }
      }
    }
  }
}
