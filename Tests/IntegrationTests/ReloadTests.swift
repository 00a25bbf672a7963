import Foundation
import Primitives
import Testing

extension IntegrationTests {
  @Suite("A reload of an edge", .patient)
  struct ReloadTests {
    private static func write(_ text: String, to file: URL) throws {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private func deployed(_ body: (Deployment, EdgeNode, URL) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let file = deployment.folder.appending(path: "edge.json")
        try Self.write(#"{"retry": "2s", "clients.maximum": 3}"#, to: file)
        let edge = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort],
          flags: ["--config", file.path])
        try edge.start()
        try edge.waitUntilReady()
        try body(deployment, edge, file)
        edge.kill()
      }
    }

    @Test("SIGHUP applies changes where possible, names what needs a restart, and keeps the clients")
    func good() throws {
      try deployed { _, edge, file in
        let client = try edge.client("/subscribe/eps")
        #expect((1_000...3_000).contains(client.retries[0]))
        try Self.write(
          #"{"retry": "600s", "clients.maximum": 2, "workers": 7, "log.level": "debug", "kiosk.enabled": true}"#,
          to: file)
        edge.process?.signal(SIGHUP)
        try wait(for: "the line") { edge.log.contains("reloaded") }
        #expect(edge.log.contains("retry from 2s to 600s"))
        #expect(edge.log.contains("clients.maximum from 3 to 2"))
        #expect(edge.log.contains("Needs a restart: workers from"))
        let second = try edge.client("/subscribe/kiosk_interaction")
        #expect((300_000...900_000).contains(second.retries[0]))
        let third = try edge.client("/subscribe/eps")
        try wait(for: "the third client's refusal") { third.isEnded || third.head?.contains(" 503 ") == true }
        #expect(!client.isEnded)
      }
    }

    @Test("resume.check is in force within seconds: places have a check, or none")
    func check() throws {
      try deployed { _, edge, file in
        func parts() throws -> Int {
          let client = try edge.client("/subscribe/eps?snapshot=1")
          defer { client.close() }
          try wait(for: "the snapshot") { !client.lastEventID.isEmpty }
          return client.lastEventID.split(separator: ":").count
        }
        #expect(try parts() == 3)
        try Self.write(#"{"retry": "2s", "clients.maximum": 3, "resume.check": false}"#, to: file)
        edge.process?.signal(SIGHUP)
        try wait(for: "places without a check") { try parts() == 2 }
        #expect(edge.log.contains("resume.check from true to false"))
      }
    }

    @Test("A bad configuration is refused as a whole, with the reason; so is a bad certificate")
    func bad() throws {
      try deployed { deployment, edge, file in
        try Self.write(#"{"retry": "5s", "keepalive": "never"}"#, to: file)
        edge.process?.signal(SIGHUP)
        try wait(for: "the line") { edge.log.contains("the old configuration stays") }
        #expect(edge.log.contains("keepalive"))
        let client = try edge.client("/subscribe/eps")
        #expect((1_000...3_000).contains(client.retries[0]))
        #expect(!edge.log.contains(#""message":"reloaded"#))

        let answer = try deployment.hub.ask("POST", "/admin/edges/edge-1/reload", body: "{}")
        #expect(answer.status != 200 && answer.text.contains("keepalive"), "\(answer.status) \(answer.text)")
        try Self.write(#"{"retry": "5s"}"#, to: file)
        let good = try deployment.hub.ask("POST", "/admin/edges/edge-1/reload", body: "{}")
        #expect(good.status == 200 && good.text.contains("retry from 2s to 5s"), "\(good.text)")
      }
    }
  }
}
