import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("The doctor", .patient)
  struct CheckTests {
    static func check(
      _ program: String, _ flags: [String], environment: [String: String] = [:]
    ) throws -> (end: ProcessEnd, lines: [String]) {
      let folder = try TestRun.shared().newFolder()
      let process = try ChildProcess(
        program, TestRun.binary(program), ["check"] + flags, environment: environment,
        log: folder.appending(path: "output").path)
      let end = try process.waitForEnd(within: .seconds(20))
      return (end, process.log.split(separator: "\n").map(String.init))
    }

    private static func link(_ name: String) throws -> [String] {
      let ours = try TestRun.shared().ours
      return [
        "--tls-certificate", ours.appending(path: "\(name).pem").path,
        "--tls-key", ours.appending(path: "\(name).key").path,
        "--tls-authority", ours.appending(path: "ca.pem").path,
      ]
    }

    static func hubFlags() throws -> [String] {
      try link("hub") + ["--link-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    }

    /// Whether there is a line with this verdict and all these words.
    static func has(_ lines: [String], _ verdict: String, _ words: String...) -> Bool {
      lines.contains { line in line.hasPrefix(verdict) && words.allSatisfy(line.contains) }
    }

    @Test("For a hub with everything that it needs no check fails, and Redis is unchanged")
    func healthyHub() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      try redis.client().command("ZADD", "emojitrack_score", "3", "1F602")
      let (end, lines) = try Self.check(
        "emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": redis.url])
      #expect(end == .exited(0), "\(lines)")
      #expect(!lines.contains { $0.hasPrefix("fail") }, "\(lines)")
      #expect(Self.has(lines, "ok", "tls.certificate", "localhost", "more days"))
      #expect(Self.has(lines, "ok", "redis SET emojitrack_relay_lineage"))
      #expect(Self.has(lines, "ok", "redis HSET admin_stream_status"))
      #expect(Self.has(lines, "ok", "redis PSUBSCRIBE stream.tweet_updates.*"))
      #expect(Self.has(lines, "ok", "link.listen", "is free"))
      #expect(lines.contains { $0.contains("descriptors:") } && lines.contains { $0.contains("clock:") })
      let keys = try redis.client().command("KEYS", "*")
      #expect(keys == .array([.bulk(Array("emojitrack_score".utf8))]))
    }

    @Test("Each missing right of the Redis user is named with its consequence, and nothing is written")
    func rights() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(
        in: folder,
        extra: [
          "--user", "poor", "on", ">secret", "~emojitrack_score", "resetchannels", "&stream.score_updates",
          "+@all", "-hset", "-multi",
        ])
      let url = try redis.url.replacing("://", with: "://poor:secret@")
      let (end, lines) = try Self.check("emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": url])
      #expect(end == .exited(0), "\(lines)")
      #expect(Self.has(lines, "warn", "redis SET emojitrack_relay_lineage", "NOPERM", "cannot be repaired"))
      #expect(Self.has(lines, "warn", "redis PSUBSCRIBE stream.tweet_updates.*", "NOPERM", "-> grant it"))
      #expect(Self.has(lines, "ok", "redis SUBSCRIBE stream.score_updates"))
      #expect(!lines.contains { $0.contains("secret") })
      let keys = try redis.client().command("KEYS", "*")
      #expect(keys == .array([]))

      let wrong = try redis.url.replacing("://", with: "://poor:hunter2@")
      let (wrongEnd, wrongLines) = try Self.check(
        "emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": wrong])
      #expect(wrongEnd == .exited(1))
      #expect(Self.has(wrongLines, "fail", "redis AUTH", "WRONGPASS"))
      #expect(!wrongLines.contains { $0.contains("hunter2") })
    }

    @Test("A Redis in which no fence can succeed fails, with its message and the remedy")
    func noTransaction() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder, extra: ["--rename-command", "EXEC", ""])
      defer { redis.stop() }
      try redis.client().command("ZADD", "emojitrack_score", "3", "1F602")
      let (end, lines) = try Self.check(
        "emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": redis.url])
      #expect(end == .exited(1), "\(lines)")
      #expect(
        Self.has(lines, "fail", "redis EXEC: ERR unknown command 'EXEC'; without it", "-> give the command"))
      #expect(lines.count { $0.hasPrefix("fail") } == 1, "\(lines)")
      #expect(
        Self.has(lines, "ok", "redis PSUBSCRIBE stream.tweet_updates.*"), "the others are asked nevertheless")
      #expect(try redis.client().command("KEYS", "*") == .array([.bulk(Array("emojitrack_score".utf8))]))
    }

    @Test(
      "In a cluster, keys in two slots fail, and so does a server that does not own them; the owner is named"
    )
    func cluster() throws {
      let folder = try TestRun.shared().newFolder()
      let (redis, other) = (try RedisServer.cluster(in: folder), try RedisServer.cluster(in: folder))
      defer { for server in [redis, other] { server.stop() } }
      let (client, stranger) = (try redis.client(), try other.client())
      try client.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      try redis.waitForCluster()
      let (end, lines) = try Self.check(
        "emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": redis.url])
      #expect(end == .exited(1), "\(lines)")
      #expect(
        Self.has(
          lines, "fail", "redis EXEC: CROSSSLOT Keys in request", "-> give all redis.key names one tag"))
      #expect(Self.has(lines, "warn", "redis cluster: this is a node of a cluster"))

      try stranger.command("CLUSTER", "MEET", "127.0.0.1", "\(redis.port)", "\(redis.clusterPort)")
      try other.waitForCluster()
      let tag = "{emojitrack}"
      let keys = ["scores", "lineage", "tweets", "nodes"].flatMap { ["--redis-key-\($0)", tag + $0] }
      try client.command("ZADD", tag + "scores", "3", "1F602")
      let (taggedEnd, tagged) = try Self.check(
        "emojitrack-hub", Self.hubFlags() + keys, environment: ["REDIS_URL": redis.url])
      #expect(taggedEnd == .exited(0), "\(tagged)")
      #expect(Self.has(tagged, "ok", "redis EXEC: allowed"))
      let (movedEnd, moved) = try Self.check(
        "emojitrack-hub", Self.hubFlags() + keys, environment: ["REDIS_URL": other.url])
      #expect(movedEnd == .exited(1), "\(moved)")
      let owner = "127.0.0.1:\(redis.port)"
      #expect(
        Self.has(
          moved, "fail", "redis EXEC: MOVED", "-> name the server that owns the key, \(owner), in redis.url"))
    }

    @Test(
      "Each sentinel is asked for the master, and the master for all rights; a replica is refused")
    func sentinels() throws {
      let folder = try TestRun.shared().newFolder()
      let deployment = try SentinelDeployment(in: folder, password: "opensesame")
      defer { deployment.stop() }
      func check(_ url: String) throws -> (end: ProcessEnd, lines: [String]) {
        let checked = try Self.check("emojitrack-hub", Self.hubFlags(), environment: ["REDIS_URL": url])
        #expect(!checked.lines.contains { $0.contains("opensesame") }, "\(checked.lines)")
        return checked
      }
      let (master, replica) = (deployment.servers[0].port, deployment.servers[1].port)
      let (end, lines) = try check(deployment.url(query: "?sentinel-password=opensesame"))
      #expect(end == .exited(0), "\(lines)")
      for sentinel in deployment.sentinels {
        #expect(
          Self.has(lines, "ok", "redis sentinel 127.0.0.1:\(sentinel.port)", "names 127.0.0.1:\(master)"))
      }
      #expect(Self.has(lines, "ok", "redis.url", "the master 127.0.0.1:\(master) answers"))
      #expect(Self.has(lines, "ok", "redis ROLE", "it is a master"))
      #expect(Self.has(lines, "ok", "redis SET emojitrack_relay_lineage"))

      let (strangerEnd, strangers) = try check(deployment.url())
      #expect(strangerEnd == .exited(1))
      #expect(Self.has(strangers, "warn", "redis sentinel", "NOAUTH", "-> correct sentinel-user"))
      #expect(Self.has(strangers, "fail", "redis.url", "no sentinel names a master of 'scores'"))
      let unknown = deployment.url(query: "?sentinel-password=opensesame").replacing(
        "/scores", with: "/other")
      #expect(
        Self.has(try check(unknown).lines, "warn", "redis sentinel", "does not know 'other'", "-> have it"))

      // One of them is lost, and the others suffice.
      deployment.sentinels[0].process.kill()
      let (fewerEnd, fewer) = try check(deployment.url(query: "?sentinel-password=opensesame"))
      #expect(fewerEnd == .exited(0), "\(fewer)")
      let gone = "redis sentinel 127.0.0.1:\(deployment.sentinels[0].port)"
      #expect(Self.has(fewer, "warn", gone, "-> check that it runs"))

      let (replicaEnd, replicas) = try check("redis://127.0.0.1:\(replica)")
      #expect(replicaEnd == .exited(1))
      #expect(Self.has(replicas, "fail", "redis ROLE", "it is a replica", "-> name the master"))
    }

    @Test("Faults of files, ports and Redis are reported, each with its remedy, and the status is 1")
    func brokenHub() throws {
      try Deployment.run(Deployment.Options(edgeCount: 0)) { deployment in
        let port = deployment.hub.linkPort
        let theirs = try TestRun.shared().theirs.appending(path: "ca.pem").path
        let none = try TestRun.freePort()
        let (end, lines) = try Self.check(
          "emojitrack-hub",
          Self.link("hub") + [
            "--tls-authority", theirs, "--link-listen", "127.0.0.1:\(port)", "--admin-listen", "127.0.0.1:0",
          ],
          environment: ["REDIS_URL": "redis://127.0.0.1:\(none)"])
        #expect(end == .exited(1), "\(lines)")
        #expect(Self.has(lines, "fail", "link.listen", "Address already in use", "-> stop the process"))
        #expect(Self.has(lines, "fail", "redis.url", "127.0.0.1:\(none)", "-> check that Redis runs"))
      }
      let theirs = try TestRun.shared().theirs.appending(path: "ca.pem").path
      let link = try Self.link("hub")
      let (end, lines) = try Self.check(
        "emojitrack-hub",
        Array(link.dropLast()) + [theirs, "--link-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
      #expect(end == .exited(1))
      #expect(Self.has(lines, "fail", "tls.certificate", "does not lead to \(theirs)"))

      let noLists = try TestRun.shared().ours.appending(path: "ca.pem").path
      let (_, revocations) = try Self.check(
        "emojitrack-hub", Self.hubFlags() + ["--tls-revocations", noLists])
      #expect(Self.has(revocations, "fail", "tls.revocations", "holds no revocation list", "-> give"))

      let (mistakeEnd, mistake) = try Self.check("emojitrack-hub", ["--tick", "5h"])
      #expect(mistakeEnd == .exited(1))
      #expect(Self.has(mistake, "fail", "configuration", "tick", "from 1ms to 1s"))
    }

    @Test("An edge checks its hub: whether it answers, is the right one, and accepts the edge's certificate")
    func edge() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let flags = ["--listen", "127.0.0.1:0", "--hub", "127.0.0.1:\(deployment.hub.linkPort)"]
        let (end, lines) = try Self.check("emojitrack-edge", Self.link("edge-1") + flags)
        #expect(end == .exited(0), "\(lines)")
        #expect(Self.has(lines, "ok", "hub:", "accepts our certificate"))
        // The running edge with this name is not disturbed.
        #expect(deployment.edges[0].isReady)

        let (_, foreign) = try Self.check(
          "emojitrack-edge", Self.link("edge-1") + flags + ["--hub-name", "other.example"])
        #expect(Self.has(foreign, "fail", "hub:", "not valid for the name other.example"))
        let (oldEnd, old) = try Self.check("emojitrack-edge", Self.link("edge-old") + flags)
        #expect(oldEnd == .exited(1))
        #expect(Self.has(old, "fail", "tls.certificate", "expired"))
        let theirs = try TestRun.shared().theirs
        let stranger = [
          "--tls-certificate", theirs.appending(path: "edge-1.pem").path,
          "--tls-key", theirs.appending(path: "edge-1.key").path,
          "--tls-authority", try TestRun.shared().ours.appending(path: "ca.pem").path,
        ]
        let (strangerEnd, strange) = try Self.check("emojitrack-edge", stranger + flags)
        #expect(strangerEnd == .exited(1))
        #expect(Self.has(strange, "fail", "tls.certificate", "does not lead to"))
      }
    }
  }
}
