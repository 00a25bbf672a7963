import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("The health check", .patient)
  struct HealthCheckTests {
    /// What the command says about the process with these flags: always one line.
    private static func check(
      _ program: String, _ flags: [String], environment: [String: String] = [:]
    ) throws -> (end: ProcessEnd, line: String) {
      let folder = try TestRun.shared().newFolder()
      let process = try ChildProcess(
        program, TestRun.binary(program), ["healthcheck"] + flags, environment: environment,
        log: folder.appending(path: "output").path)
      let end = try process.waitForEnd(within: .seconds(20))
      let lines = process.log.split(separator: "\n").map(String.init)
      #expect(lines.count == 1, "\(lines)")
      return (end, lines.first ?? "")
    }

    private static func link(_ name: String) throws -> [String] {
      let ours = try TestRun.shared().ours
      return [
        "--tls-certificate", ours.appending(path: "\(name).pem").path,
        "--tls-key", ours.appending(path: "\(name).key").path,
        "--tls-authority", ours.appending(path: "ca.pem").path,
      ]
    }

    private static func hub(at address: String, _ flags: [String] = []) throws -> (
      end: ProcessEnd, line: String
    ) {
      try check("emojitrack-hub", link("hub") + ["--admin-listen", address] + flags)
    }

    private static func edge(at address: String, _ flags: [String] = []) throws -> (
      end: ProcessEnd, line: String
    ) {
      try check("emojitrack-edge", link("edge-1") + ["--listen", address] + flags)
    }

    @Test("A hub and an edge that run and are ready pass, at any of their addresses")
    func healthy() throws {
      let status = try TestRun.freePort()
      let folder = try TestRun.shared().newFolder()
      let socket = "unix:\(folder.path)/edge.sock"
      var options = Deployment.Options()
      options.edgeCount = 1
      options.hubFlags = ["--status-listen", ":\(status)"]
      options.listen = [socket]
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { deployment in
        let admin = try deployment.hub.adminAddress.description
        let (hubEnd, hub) = try Self.hub(at: admin)
        #expect(
          hubEnd == .exited(0) && hub == "ok    readiness: emojitrack-hub is ready at \(admin)", "\(hub)")
        // As in an image: all addresses, and the variables instead of flags.
        let (statusEnd, line) = try Self.check(
          "emojitrack-hub", Self.link("hub"), environment: ["EMOJITRACK_STATUS_LISTEN": ":\(status)"])
        #expect(statusEnd == .exited(0) && line.contains("127.0.0.1:\(status)"), "\(line)")
        let address = try deployment.edges[0].address.description
        for listen in [address, socket] {
          let (end, line) = try Self.edge(at: listen)
          #expect(
            end == .exited(0) && line == "ok    readiness: emojitrack-edge is ready at \(listen)", "\(line)")
        }
      }
    }

    @Test("Without Redis the hub is not ready, and without hubs the edge; each says why and what to do")
    func unready() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let (hub, edge) = (try deployment.hub.adminAddress, try deployment.edges[0].address)
        deployment.redis.stop()
        try wait(for: "a hub that is not ready") { !deployment.hub.isReady }
        let (hubEnd, hubLine) = try Self.hub(at: hub.description)
        #expect(hubEnd == .exited(1), "\(hubLine)")
        #expect(
          hubLine.hasPrefix(
            "fail  readiness: emojitrack-hub runs at \(hub), and is not ready: no messages come from Redis -> "
          ),
          "\(hubLine)")
        deployment.hub.kill()
        try wait(for: "an edge that is not ready") { !deployment.edges[0].isReady }
        let (edgeEnd, edgeLine) = try Self.edge(at: edge.description)
        #expect(edgeEnd == .exited(1), "\(edgeLine)")
        #expect(
          edgeLine.hasPrefix(
            "fail  readiness: emojitrack-edge runs at \(edge), and is not ready: No hub's scores arrive"),
          "\(edgeLine)")
      }
    }

    @Test("A process that does not run fails, and so does anything else at its address")
    func absent() throws {
      let port = try TestRun.freePort()
      let (end, line) = try Self.edge(at: ":\(port)")
      #expect(end == .exited(1))
      #expect(
        line.hasPrefix("fail  readiness: emojitrack-edge does not answer at 127.0.0.1:\(port): ")
          && line.contains("refused") && line.contains(" -> check that it runs"), "\(line)")

      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      defer { redis.stop() }
      let (_, spoken) = try Self.hub(at: "127.0.0.1:\(redis.port)")
      #expect(
        spoken.hasPrefix(
          "fail  readiness: emojitrack-hub does not answer at 127.0.0.1:\(redis.port): the peer closed the connection ->"
        ), "\(spoken)")

      let server = try ChildProcess(
        "http.server", "python3", ["-m", "http.server", "--bind", "127.0.0.1", "\(port)"],
        log: folder.appending(path: "http.log").path)
      defer { server.kill() }
      try wait(for: "the other server") { (try? BlockingSocket(.loopback(port))) != nil }
      let (httpEnd, http) = try Self.edge(at: ":\(port)")
      #expect(httpEnd == .exited(1) && http.contains("something else than emojitrack-edge"), "\(http)")
    }

    @Test("Where each client needs a PROXY header, status.listen is asked, or the remedy is to set it")
    func proxied() throws {
      let flags = ["--listen-proxy", "true", "--proxy-trusted", "127.0.0.1"]
      let port = try TestRun.freePort()
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags + ["--status-listen", "127.0.0.1:\(port)"]
      options.preamble = Array("PROXY UNKNOWN\r\n".utf8)
      try Deployment.run(options) { deployment in
        let address = try deployment.edges[0].address.description
        let (end, line) = try Self.edge(at: address, flags)
        #expect(end == .exited(1) && line.hasSuffix("-> set status.listen"), "\(line)")
        let (statusEnd, status) = try Self.edge(at: address, options.edgeFlags)
        #expect(statusEnd == .exited(0) && status.contains("127.0.0.1:\(port)"), "\(status)")
      }
    }

    @Test("A mistake in the settings is named, and the status is 1")
    func mistake() throws {
      let (end, line) = try Self.hub(at: "127.0.0.1:1", ["--tick", "5h"])
      #expect(
        end == .exited(1) && line.hasPrefix("fail  configuration: ") && line.contains("tick"), "\(line)")
    }
  }
}
