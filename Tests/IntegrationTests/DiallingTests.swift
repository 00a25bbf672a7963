import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Connecting through broken names and addresses", TestHost.condition)
  struct DiallingTests {
    /// The fault of the names `redis.test` and `hub.test`.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
      case firstNameServerDead = "the first name server is dead"
      case firstAddressDead = "the first of two addresses is dead"
      case addressOfIPv6Dead = "the address of IPv6 is dead"
      case firstAddressDeadInFile = "the first of two addresses is dead, in /etc/hosts"
      case addressOfIPv6DeadInFile = "the address of IPv6 is dead, in /etc/hosts"

      var testDescription: String { rawValue }

      var isInFile: Bool { self == .firstAddressDeadInFile || self == .addressOfIPv6DeadInFile }

      /// The addresses of a name with one good address.
      func addresses(of good: String, dead: DeadAddresses) -> [String] {
        switch self {
        case .firstNameServerDead: [good]
        case .firstAddressDead, .firstAddressDeadInFile: [dead.ipv4, good]
        case .addressOfIPv6Dead, .addressOfIPv6DeadInFile: [dead.ipv6, good]
        }
      }
    }

    /// The time from the first good answer for a name, or from the start without one, until a program was ready.
    private static func measure(
      _ program: String, _ name: String, _ fault: Fault, in scene: TwoHosts, start: () throws -> Void
    ) throws -> Duration {
      let seen = scene.nameServer.log.count
      var begin = MonotonicClock.now()
      try start()
      if !fault.isInFile {
        try wait(for: "the answer for \(name)") {
          scene.nameServer.log.dropFirst(seen).contains("\(name) is ")
        }
        begin = MonotonicClock.now()
      }
      try wait(for: "\(program), where \(fault.rawValue)", within: .seconds(20)) { scene.isReady(program) }
      return begin.duration(to: MonotonicClock.now())
    }

    @Test(
      "A hub and an edge are connected within three seconds of the first good answer",
      arguments: Fault.allCases)
    func connected(fault: Fault) throws {
      let records = [
        "redis.test": fault.addresses(of: TwoHosts.nearAddress, dead: TwoHosts.farDead),
        "hub.test": fault.addresses(of: TwoHosts.farAddress, dead: TwoHosts.nearDead),
      ]
      let servers =
        fault == .firstNameServerDead
        ? [TwoHosts.deadNameServer, TwoHosts.nearAddress] : [TwoHosts.nearAddress]
      let scene = try TwoHosts(
        resolver: servers.map { "nameserver \($0)" }, records: records, inFile: fault.isInFile)
      defer { scene.stop() }
      let hub = try scene.hub("redis://redis.test:\(scene.redisPort)")
      let edge = try scene.edge()
      defer {
        edge.kill()
        hub.kill()
      }
      if fault != .firstNameServerDead {
        // The dead address is what would be tried first.
        #expect(try scene.addresses(of: "redis.test", on: scene.far) == records["redis.test"])
        #expect(try scene.addresses(of: "hub.test", on: scene.near) == records["hub.test"])
      }
      do {
        let toRedis = try Self.measure("hub", "redis.test", fault, in: scene, start: { try hub.start() })
        let toHub = try Self.measure("edge", "hub.test", fault, in: scene, start: { try edge.start() })
        print("\(fault.rawValue): the hub at Redis after \(toRedis), the edge at the hub after \(toHub)")
        #expect(toRedis < .seconds(3))
        #expect(toHub < .seconds(3))
      } catch {
        print("--- hub\n\(hub.log)\n--- edge\n\(edge.log)\n--- dnsmasq\n\(scene.nameServer.log)")
        throw error
      }
    }

    @Test("Sentinels whose names resolve late are asked nevertheless")
    func sentinel() throws {
      let scene = try TwoHosts(
        resolver: ["nameserver \(TwoHosts.deadNameServer)", "nameserver \(TwoHosts.nearAddress)"],
        records: ["sentinel-1.test": [TwoHosts.nearAddress], "sentinel-2.test": [TwoHosts.nearAddress]],
        inFile: false)
      defer { scene.stop() }
      let port = try TestRun.freePort()
      let file = scene.folder.appending(path: "sentinel.conf")
      let lines = [
        "port \(port)", "bind \(TwoHosts.nearAddress)", "protected-mode no", "dir \(scene.folder.path)",
        "sentinel monitor scores \(TwoHosts.nearAddress) \(scene.redisPort) 1",
      ]
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
      let sentinel = try scene.near.start("redis-server", file.path, "--sentinel", log: "sentinel")
      defer { sentinel.kill() }
      try wait(for: "the sentinel") { sentinel.log.contains("+monitor master scores") }
      let hub = try scene.hub("redis-sentinel://sentinel-1.test:\(port),sentinel-2.test:\(port)/scores")
      defer { hub.kill() }
      let duration = try Self.measure(
        "hub", "sentinel-1.test", .firstNameServerDead, in: scene, start: { try hub.start() })
      print("sentinels behind a dead name server: the hub at Redis after \(duration)")
      #expect(duration < .seconds(3))
      #expect(hub.log.contains("its name is not resolved yet"))
    }

    @Test("Addresses that do not answer, or the name that is not resolved, are named")
    func named() throws {
      let scene = try TwoHosts(
        resolver: ["nameserver \(TwoHosts.deadNameServer)", "options timeout:1 attempts:1"],
        records: [
          "redis.test": [TwoHosts.farDead.ipv4, TwoHosts.farDead.ipv6],
          "hub.test": [TwoHosts.nearDead.ipv4, TwoHosts.nearDead.ipv6],
        ], inFile: true)
      defer { scene.stop() }
      /// The line in which `check` reports a failed connection.
      func check(
        _ program: String, on host: TestHost, _ flags: [String], environment: [String: String] = [:],
        subject: String
      ) throws -> String {
        let ours = try TestRun.shared().ours
        let name = program == "emojitrack-hub" ? "hub" : "edge-1"
        let command =
          try host.launcher + [
            TestRun.binary(program), "check", "--tls-certificate", ours.appending(path: "\(name).pem").path,
            "--tls-key", ours.appending(path: "\(name).key").path,
            "--tls-authority", ours.appending(path: "ca.pem").path,
          ] + flags
        let process = try ChildProcess(
          program, command[0], Array(command.dropFirst()), environment: environment,
          log: scene.folder.appending(path: "check-\(UInt32.random(in: 0 ... .max))").path)
        #expect(try process.waitForEnd(within: .seconds(30)) == .exited(1))
        let line = process.log.split(separator: "\n").first { $0.hasPrefix("fail") && $0.contains(subject) }
        return try String(#require(line, "\(process.log)"))
      }
      func checkHub(_ host: String) throws -> String {
        try check(
          "emojitrack-hub", on: scene.far, ["--link-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"],
          environment: ["REDIS_URL": "redis://\(host):6379"], subject: "redis.url")
      }
      func checkEdge(_ host: String) throws -> String {
        try check(
          "emojitrack-edge", on: scene.near, ["--listen", "127.0.0.1:0", "--hub", "\(host):8010"],
          subject: "hub:")
      }
      #expect(
        try checkHub("redis.test").contains(
          "no connection to \(TwoHosts.farDead.ipv4):6379 (no answer), [\(TwoHosts.farDead.ipv6)]:6379 (no answer)"
        ))
      #expect(
        try checkEdge("hub.test").contains(
          "no connection to \(TwoHosts.nearDead.ipv4):8010 (no answer), [\(TwoHosts.nearDead.ipv6)]:8010 (no answer)"
        )
      )
      #expect(try checkHub("nowhere.test").contains("name not resolved: nowhere.test: "))
      #expect(try checkEdge("nowhere.test").contains("name not resolved: nowhere.test: "))
    }
  }
}
