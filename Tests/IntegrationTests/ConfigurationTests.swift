import Foundation
import Testing

extension IntegrationTests {
  @Suite("Configuration", .patient)
  struct ConfigurationTests {
    /// A start that must fail.
    struct Mistake: Sendable, CustomTestStringConvertible {
      let program: String
      let flags: [String]
      var environment: [String: String] = [:]
      let status: Int32
      /// The words that the output must contain.
      let words: [String]

      var testDescription: String { "\(program) \(flags.joined(separator: " ")) \(environment)" }
    }

    private static let allMistakes: [Mistake] = [
      Mistake(program: "emojitrack-hub", flags: ["--nonsense"], status: 64, words: ["--nonsense"]),
      Mistake(program: "emojitrack-edge", flags: ["--nonsense"], status: 64, words: ["--nonsense"]),
      Mistake(
        program: "emojitrack-hub", flags: ["--tick", "5h"], status: 64,
        words: ["tick", "5h", "from 1ms to 1s"]),
      Mistake(
        program: "emojitrack-edge", flags: ["--workers", "0"], status: 64,
        words: ["workers", "from 1 to 1024"]),
      Mistake(
        program: "emojitrack-edge", flags: ["--hub", "a:1,b:2,a:1"], status: 64,
        words: ["hub", "names one hub twice"]),
      Mistake(
        program: "emojitrack-edge", flags: [], environment: ["PORT": "70000"], status: 78,
        words: ["listen", "PORT", "70000", "a port from 0 to 65535"]),
      Mistake(program: "emojitrack-hub", flags: [], status: 78, words: ["tls.certificate", "is not set"]),
      Mistake(
        program: "emojitrack-hub", flags: ["--redis-url", "redis://u:hunter2@127.0.0.1"], status: 64,
        words: ["redis.url", "a password on the command line"]),
      Mistake(
        program: "emojitrack-hub", flags: [], environment: ["REDIS_URL": "http://127.0.0.1"], status: 78,
        words: [
          "redis.url", "REDIS_URL", "redis://, rediss://, unix://, redis-sentinel:// or rediss-sentinel://",
        ]),
      Mistake(
        program: "emojitrack-edge", flags: ["--config", "/nonexistent/edge.json"], status: 78,
        words: ["/nonexistent/edge.json"]),
      Mistake(
        program: "emojitrack-hub", flags: ["CERTIFICATES", "--admin-listen", "0.0.0.0:0"], status: 78,
        words: ["admin.listen", "is not a loopback address"]),
      Mistake(
        program: "emojitrack-hub", flags: ["CERTIFICATES", "--admin-listen", ":0"], status: 78,
        words: ["admin.listen", "is not a loopback address"]),
      Mistake(
        program: "emojitrack-hub", flags: ["CERTIFICATES", "--link-listen", "relay.example:0"], status: 78,
        words: ["link.listen", "relay.example"]),
      Mistake(
        program: "emojitrack-edge", flags: ["CERTIFICATES edge-1", "--tls-key", "/dev/null"], status: 78,
        words: ["tls.key", "/dev/null"]),
      Mistake(
        program: "emojitrack-edge", flags: ["--retry", "100ms"], status: 64,
        words: ["retry", "from 1s to 10m"]),
      Mistake(
        program: "emojitrack-edge", flags: ["CERTIFICATES hub"], status: 78,
        words: ["tls.certificate", "hub.pem", "clientAuth"]),
      Mistake(
        program: "emojitrack-edge", flags: ["CERTIFICATES edge-1", "--listen-proxy", "true"], status: 78,
        words: ["listen.proxy", "needs proxy.trusted"]),
      Mistake(
        program: "emojitrack-edge", flags: ["CERTIFICATES edge-1", "--https-listen", "127.0.0.1:0"],
        status: 78,
        words: ["https.listen", "needs https.certificate and https.key"]),
    ]

    @Test(
      "A mistake ends the start with the right status, and the key is named",
      arguments: ConfigurationTests.allMistakes)
    func refused(_ mistake: Mistake) throws {
      let (end, output) = try Self.start(mistake.program, mistake.flags, mistake.environment)
      #expect(end == .exited(mistake.status), "\(output)")
      for word in mistake.words { #expect(output.contains(word)) }
      #expect(!output.contains("hunter2"))
    }

    @Test("A certificate's key that others can read is refused")
    func readableKey() throws {
      let run = try TestRun.shared()
      let key = try run.newFolder().appending(path: "readable.key")
      try FileManager.default.copyItem(at: run.ours.appending(path: "edge-1.key"), to: key)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key.path)
      let (end, output) = try Self.start(
        "emojitrack-edge", ["CERTIFICATES edge-1", "--tls-key", key.path], [:])
      #expect(end == .exited(78))
      #expect(output.contains("tls.key") && output.contains(key.path))
    }

    @Test("A port in use ends the start, and the address is named")
    func portTaken() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let port = deployment.hub.linkPort
        for (program, certificate, flag) in [
          ("emojitrack-hub", "hub", "--link-listen"), ("emojitrack-edge", "edge-2", "--listen"),
        ] {
          let (end, output) = try Self.start(
            program, ["CERTIFICATES \(certificate)", flag, "127.0.0.1:\(port)"], ["PORT": "0"])
          #expect(end != .exited(0))
          #expect(output.contains("127.0.0.1:\(port)") && output.contains("Address already in use"))
        }
      }
    }

    @Test("--help, --version and --print-config print and exit with 0", arguments: ["hub", "edge", "feeder"])
    func questions(_ program: String) throws {
      for (flag, words) in [
        ("--help", ["USAGE: emojitrack-\(program)", "--log-level", "EMOJITRACK_LOG_LEVEL"]),
        ("--version", ["emojitrack-\(program) "]),
        ("--print-config", ["log.level", "info", "default"]),
      ] {
        let isLink = program != "feeder" && flag == "--print-config"
        let certificates = isLink ? ["CERTIFICATES \(program == "hub" ? "hub" : "edge-1")"] : []
        let (end, output) = try Self.start("emojitrack-\(program)", certificates + [flag], [:])
        #expect(end == .exited(0), "\(output)")
        for word in words { #expect(output.contains(word)) }
      }
    }

    /// Runs a program that ends by itself. A flag `CERTIFICATES name` stands for the three flags of the link's TLS.
    private static func start(
      _ program: String, _ flags: [String], _ environment: [String: String]
    ) throws -> (end: ProcessEnd, output: String) {
      let run = try TestRun.shared()
      let arguments = flags.flatMap { flag -> [String] in
        let words = flag.split(separator: " ")
        guard words.first == "CERTIFICATES" else { return [flag] }
        let file = run.ours.appending(path: words.count > 1 ? String(words[1]) : "hub").path
        return [
          "--tls-certificate", "\(file).pem", "--tls-key", "\(file).key",
          "--tls-authority", run.ours.appending(path: "ca.pem").path,
        ]
      }
      let process = try ChildProcess(
        program, TestRun.binary(program), arguments, environment: environment,
        log: run.newFolder().appending(path: "output").path)
      return (try process.waitForEnd(), process.log)
    }
  }

  @Suite("Ways to Redis", .patient)
  struct RedisAccessTests {
    @Test(
      "Redis is reached without TLS, over TLS and over a unix socket",
      arguments: [RedisServer.Access.tcp, .tls, .unix])
    func access(_ access: RedisServer.Access) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redis = access
      try Deployment.run(options) { deployment in
        let before = try deployment.redis.client().totals()
        let client = try deployment.edges[0].client("/subscribe/eps")
        try deployment.redis.client().tweet(TweetFeed.ids)
        try deployment.expectExactSums(of: [client], since: before)
        #expect(try deployment.hub.page().scores.anchored)
      }
    }

    @Test("A user with exactly the rights that the hub needs, a password and another database suffice")
    func login() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redisFlags = [
        "--user", "relay", "on", ">p@ss/w%rd", "resetkeys", "~emojitrack_relay_lineage",
        "%R~emojitrack_score", "resetchannels", "&stream.*", "-@all", "+auth", "+select", "+ping",
        "+client|setname", "+subscribe",
        "+psubscribe", "+publish", "+multi", "+exec", "+discard", "+get", "+set", "+zrange", "+type",
      ]
      options.login = "relay:p%40ss%2Fw%25rd@"
      options.database = 3
      try Deployment.run(options) { deployment in
        let redis = try deployment.redis.client()
        try redis.command("SELECT", "3")
        let client = try deployment.edges[0].client("/subscribe/eps")
        try redis.tweet(TweetFeed.ids)
        try wait(for: "the sums") { client.sum == UInt64(TweetFeed.ids.count) }
        #expect(try deployment.hub.page().scores.anchored)
        #expect(!deployment.hub.log.contains("p@ss") && !deployment.hub.log.contains("p%40ss"))
      }
    }

    @Test("A wrong password is logged without the password, and can be corrected without a restart")
    func wrongPassword() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder, extra: ["--requirepass", "right"])
      let hub = try Hub(
        in: folder, redisURL: redis.url.replacing("redis://", with: "redis://:hunter2@"))
      try hub.start()
      try wait(for: "the log line") { hub.log.contains("Redis refused AUTH") }
      #expect(hub.log.contains("WRONGPASS"))
      #expect(!hub.isReady)
      #expect(!hub.log.contains("hunter2"))

      let client = try redis.client()
      try client.command("AUTH", "right")
      try client.command("CONFIG", "SET", "requirepass", "hunter2")
      try hub.waitUntilReady()
    }

    @Test("Without a sorted set the hub logs that nothing can be repaired, and streams what it receives")
    func unanchored() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.totals = [:]
      try Deployment.run(options) { deployment in
        #expect(try deployment.hub.page().scores.anchored, "nothing was counted yet")
        let client = try deployment.edges[0].client("/subscribe/eps")
        let redis = try deployment.redis.client()
        try wait(for: "the hub to count for itself", within: .seconds(20)) {
          try redis.publish("stream.score_updates", Array("1F4C2".utf8))
          return try !deployment.hub.page().scores.anchored
        }
        #expect(deployment.hub.log.contains("there is no sorted set emojitrack_score in Redis"))
        for _ in 0..<5 { try redis.publish("stream.score_updates", Array("2665".utf8)) }
        try wait(for: "the sums") { client.sums["2665"] == 5 }
        #expect(try !deployment.hub.page().scores.anchored)
      }
    }
  }
}
