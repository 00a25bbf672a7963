import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Access to the admin API", .patient)
  struct AdminAccessTests {
    private static func run(_ body: (Deployment, AdminFiles) throws -> Void) throws {
      let files = try AdminFiles()
      var options = Deployment.Options()
      options.edgeCount = 0
      options.hubFlags = try files.flags
      try Deployment.run(options) { deployment in try body(deployment, files) }
    }

    private static func status(
      _ method: String, _ path: String, by approach: Approach, token: String? = nil
    ) throws -> Int {
      let fields = token.map(AdminFiles.bearer) ?? ""
      return try HTTPClient.request(
        method, path, by: approach, fields: fields, body: method == "POST" ? "{}" : nil
      ).status
    }

    @Test("A client certificate of the operators' authority is accepted, by its name, and no other one is")
    func certificates() throws {
      try Self.run { deployment, files in
        let both = try files.approach(certificate: "edge-1")
        #expect(try Self.status("GET", "/admin/status.json", by: both) == 200)
        #expect(try Self.status("POST", "/admin/reload", by: both) == 200)
        let reader = try files.approach(certificate: "edge-2")
        #expect(try Self.status("GET", "/admin/status.json", by: reader) == 200)
        #expect(try Self.status("POST", "/admin/reload", by: reader) == 403)
        // An edge of this deployment, and a certificate that is not for clients.
        let ours = try TestRun.shared().ours
        for (name, folder) in [("edge-1", ours), ("edge-old", ours), ("hub", nil)] as [(String, URL?)] {
          let approach = try files.approach(certificate: name, in: folder)
          #expect(throws: (any Error).self) { try Self.status("GET", "/admin/status.json", by: approach) }
        }
        try wait(for: "the log") { deployment.hub.log.contains("a connection to the admin API failed") }
        #expect(deployment.hub.log.contains("certificate edge-1"))
      }
    }

    @Test(
      "Wrong tokens learn nothing, are slowed down, and are never logged; new tokens need no restart"
    )
    func tokens() throws {
      try Self.run { deployment, files in
        let remote = try files.approach()
        let wrong = "wrong-0123456789-0123456789-0123456789"
        // On open connections, so that all requests arrive within a second.
        let request = Array(
          "GET /admin/status.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(AdminFiles.bearer(wrong))\r\n"
            .utf8)
        let sockets = try (0..<8).map { _ in try BlockingSocket(remote) }
        for socket in sockets { _ = try socket.peerCertificate }
        for socket in sockets { try socket.send(request) }
        let statuses = try sockets.map { socket in
          var bytes = try socket.receiveAll()
          return try #require(HTTPAnswer(takenFrom: &bytes)).status
        }
        #expect(statuses.allSatisfy { $0 == 401 || $0 == 429 })
        #expect(statuses.count { $0 == 401 } == 5)
        let samples = try deployment.hub.metrics()
        for (reason, status) in [("unknown", 401), ("slowed_down", 429)] {
          let count = samples["emojitrack_hub_admin_refusals_total{reason=\"\(reason)\"}"]
          #expect(count == Double(statuses.count { $0 == status }))
        }
        // While the network is slowed down, the right token is not checked either.
        letPass(.milliseconds(1_100))
        #expect(
          try Self.status("GET", "/admin/status.json", by: remote, token: AdminFiles.readerToken) == 200)

        let new = "brand-new-0123456789-0123456789-0123456789"
        try files.write("operator nina \(new)\n")
        try wait(for: "the new token", within: .seconds(30)) {
          letPass(.milliseconds(300))
          return try Self.status("POST", "/admin/reload", by: remote, token: new) == 200
        }
        letPass(.milliseconds(1_100))
        #expect(
          try Self.status("GET", "/admin/status.json", by: remote, token: AdminFiles.readerToken) == 401)

        // A bad file is refused, and the tokens read before stay: after its change, and after SIGHUP.
        try files.write("operator nina short\n")
        deployment.hub.process?.signal(SIGHUP)
        try wait(for: "the refusal") { deployment.hub.log.contains("has a token that is not 32 to 256") }
        #expect(try Self.status("GET", "/admin/version", by: remote, token: new) == 200)
        try files.write("operator nina \(AdminFiles.operatorToken)\n", mode: 0o644)
        deployment.hub.process?.signal(SIGHUP)
        try wait(for: "the refusal") { deployment.hub.log.contains("can be read by others") }
        #expect(try Self.status("GET", "/admin/version", by: remote, token: new) == 200)
        try files.write("operator nina \(AdminFiles.operatorToken)\n")
        deployment.hub.process?.signal(SIGHUP)
        try wait(for: "the token") {
          letPass(.milliseconds(300))
          return try Self.status("GET", "/admin/version", by: remote, token: AdminFiles.operatorToken) == 200
        }
        for secret in [wrong, new, AdminFiles.readerToken, AdminFiles.operatorToken] {
          #expect(!deployment.hub.log.contains(secret))
        }
      }
    }

    @Test("A unix socket and loopback need no token; the TLS listener answers nothing without TLS")
    func doors() throws {
      let socket = try TestRun.shared().newFolder().appending(path: "admin.sock").path
      let files = try AdminFiles()
      var options = Deployment.Options()
      options.edgeCount = 0
      options.hubFlags = try files.flags
      options.adminListen = ["unix:\(socket)"]
      try Deployment.run(options) { deployment in
        let unix = Approach(address: try #require(SocketAddress(unixPath: socket)))
        #expect(
          try HTTPClient.request("GET", "/admin/status.json", by: unix, fields: "Host: hub\r\n").status == 200
        )
        #expect(
          try HTTPClient.request("POST", "/admin/reload", by: unix, fields: "Host: hub\r\n", body: "{}")
            .status == 200)
        let local = Approach(address: try deployment.hub.adminAddress)
        for fields in ["Host: evil.example\r\n", "Host: localhost.evil.example:80\r\n"] {
          #expect(
            try HTTPClient.request("GET", "/admin/status.json", by: local, fields: fields).status == 403)
          #expect(try HTTPClient.request("GET", "/healthz", by: local, fields: fields).status == 200)
        }
        let clear = try HTTPClient.exchange(
          Array("GET /admin/status.json HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), at: .loopback(files.port))
        #expect(!String(decoding: clear, as: UTF8.self).contains("HTTP/1.1 200"))
      }
    }

    @Test("The log level can be set at run time, and a reload resets it and names what needs a restart")
    func reload() throws {
      let folder = try TestRun.shared().newFolder()
      let file = folder.appending(path: "hub.json")
      try Data(#"{"log.level": "info"}"#.utf8).write(to: file)
      var options = Deployment.Options()
      options.edgeCount = 0
      options.hubFlags = ["--config", file.path]
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        #expect(try hub.ask("POST", "/admin/log-level", body: #"{"level":"error"}"#).status == 200)
        let before = hub.log
        #expect(try hub.ask("POST", "/admin/rebalance", body: "{}").status == 200)
        #expect(hub.log == before)

        try Data(#"{"log.level": "notice", "edges.maximum": 7}"#.utf8).write(to: file)
        let answer = try hub.ask("POST", "/admin/reload", body: "{}")
        #expect(answer.status == 200)
        #expect(answer.text.contains("Changed: log.level from info to notice."), "\(answer.text)")
        #expect(answer.text.contains("Needs a restart: edges.maximum from 4096 to 7."), "\(answer.text)")
        #expect(
          try hub.ask("GET", "/admin/configuration").text.contains(#""key":"log.level","value":"notice""#))

        try Data(#"{"log.level": "loud"}"#.utf8).write(to: file)
        let refused = try hub.ask("POST", "/admin/reload", body: "{}")
        #expect(refused.status == 422)
        #expect(refused.text.contains("log.level"))
        #expect(
          try hub.ask("GET", "/admin/configuration").text.contains(#""key":"log.level","value":"notice""#))
        hub.process?.signal(SIGHUP)
        try wait(for: "the refusal") { hub.log.ranges(of: "nothing is reloaded").count == 2 }
        #expect(hub.isReady)
      }
    }
  }
}
