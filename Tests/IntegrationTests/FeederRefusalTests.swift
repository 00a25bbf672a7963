import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("A feeder that Redis refuses")
  struct FeederRefusalTests {
    private static let count = 2_000

    /// A feeder that writes this number of tweets, in about four seconds.
    private static func feeder(_ url: String, count: Int = count, in folder: URL) throws -> ChildProcess {
      try ChildProcess(
        "feeder", TestRun.binary("emojitrack-feeder"), ["--rate", "500", "--count", "\(count)"],
        environment: ["REDIS_URL": url], log: folder.appending(path: "feeder.log").path)
    }

    private static func total(_ redis: RedisClient) throws -> Int {
      Int(try redis.totals().values.reduce(0, +))
    }

    /// Makes Redis refuse everything for a while.
    ///
    /// - Parameter code: the first word of the refusals.
    private static func interrupt(
      _ feeder: ChildProcess, _ code: String, at redis: RedisClient, begin: () throws -> Void,
      end: () throws -> Void
    ) throws {
      let before = try total(redis)
      try wait(for: "tweets") { try total(redis) > before }
      try begin()
      try wait(for: code) {
        if let end = feeder.poll() { throw TimedOut(description: "the feeder \(end): \(feeder.log)") }
        return feeder.log.contains("\"reason\":\"\(code)")
      }
      let stopped = try total(redis)
      letPass(.milliseconds(300))
      #expect(try total(redis) == stopped, "nothing is written meanwhile")
      try end()
      try wait(for: "tweets behind \(code)") { try total(redis) > stopped }
    }

    @Test(
      "The feeder waits for passing refusals: memory, disk, a long script, a demoted master; each tweet counts once"
    )
    func passing() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(
        in: folder, extra: ["--dbfilename", "blocked.rdb", "--lua-time-limit", "50"])
      defer { redis.stop() }
      let client = try redis.client()
      // Two feeders, because one has finished before all refusals are tried.
      let feeders = try (0..<2).map { _ in try Self.feeder(redis.url, in: TestRun.shared().newFolder()) }
      try Self.interrupt(feeders[0], "OOM", at: client) {
        try client.command("CONFIG", "SET", "maxmemory", "1")
      } end: {
        try client.command("CONFIG", "SET", "maxmemory", "0")
      }
      let dump = folder.appending(path: "blocked.rdb")
      try Self.interrupt(feeders[0], "MISCONF", at: client) {
        try FileManager.default.createDirectory(at: dump, withIntermediateDirectories: false)
        try client.command("CONFIG", "SET", "save", "3600 1000000")
        try client.command("BGSAVE")
      } end: {
        try FileManager.default.removeItem(at: dump)
        try client.command("CONFIG", "SET", "save", "")
        try client.command("BGSAVE")
      }
      let spinner = try BlockingSocket(redis.address)
      try spinner.send(RedisCommand.encode(["EVAL", "while true do end", "0"].map { Array($0.utf8) }))
      try wait(for: "BUSY") { feeders[1].log.contains("\"reason\":\"BUSY") }
      try client.command("SCRIPT", "KILL")
      try wait(for: "the end of the script") { (try? Self.total(client)) != nil }
      let nowhere = try "\(TestRun.freePort())"
      try Self.interrupt(feeders[1], "READONLY", at: client) {
        try client.command("REPLICAOF", "127.0.0.1", nowhere)
      } end: {
        try client.command("REPLICAOF", "NO", "ONE")
      }
      for feeder in feeders {
        #expect(try feeder.waitForEnd(within: .seconds(40)) == .exited(0), "\(feeder.log)")
        #expect(feeder.log.contains("Redis accepts tweets again"))
        #expect(!feeder.log.contains("the connection ended before Redis answered"))
      }
      #expect(try Self.total(client) == Self.count * 2)
    }

    @Test("While Redis loads its data the feeder waits, and then writes all its tweets")
    func loading() throws {
      let folder = try TestRun.shared().newFolder()
      let first = try RedisServer(in: folder)
      _ = try first.client().pipeline(
        (0..<3_000).map { [Array("SET".utf8), Array("key-\($0)".utf8), Array("value".utf8)] })
      try first.shutDown()
      let port = try TestRun.freePort()
      let redis = try ChildProcess(
        "redis-server", "redis-server",
        [
          "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "",
          // A millisecond for each key, and clients are answered meanwhile.
          "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024",
        ], log: folder.appending(path: "loading.log").path)
      defer { redis.kill() }
      try wait(for: "the loading") { redis.log.contains("Loading RDB") }
      let feeder = try Self.feeder("redis://127.0.0.1:\(port)", in: folder)
      #expect(try feeder.waitForEnd(within: .seconds(40)) == .exited(0), "\(feeder.log)")
      #expect(feeder.log.contains("\"reason\":\"LOADING"), "\(feeder.log)")
      #expect(try Self.total(RedisClient(.loopback(port))) == Self.count)
    }

    /// Closes the connections of all other clients while Redis holds back their writes.
    private static func killWhilePaused(_ redis: RedisClient) throws {
      try redis.command("CLIENT", "PAUSE", "60000", "WRITE")
      letPass(.milliseconds(200))
      try redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
      try redis.command("CLIENT", "UNPAUSE")
    }

    /// The number of tweets that a feeder reported as unanswered.
    private static func unanswered(_ feeder: ChildProcess) -> Int {
      feeder.log.matches(of: /"tweets":"?(\d+)/).compactMap { Int($0.output.1) }.reduce(0, +)
    }

    @Test("A lost connection costs exactly the tweets that the feeder reports, and doubles none")
    func connectionLost() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      defer { redis.stop() }
      let client = try redis.client()
      let feeder = try Self.feeder(redis.url, in: folder)
      for _ in 1...3 {
        let before = try Self.total(client)
        try wait(for: "tweets") { try Self.total(client) > before + 100 }
        try Self.killWhilePaused(client)
      }
      #expect(try feeder.waitForEnd(within: .seconds(40)) == .exited(0), "\(feeder.log)")
      let unanswered = Self.unanswered(feeder)
      #expect(unanswered > 0)
      #expect(try Self.total(client) + unanswered == Self.count, "\(unanswered) unanswered")
    }

    @Test("A connection lost after the last tweet ends the feeder, which reports it")
    func lastAnswerLost() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      defer { redis.stop() }
      let client = try redis.client()
      try client.command("CLIENT", "PAUSE", "60000", "WRITE")
      let feeder = try Self.feeder(redis.url, count: 1, in: folder)
      try wait(for: "the connection") { feeder.log.contains("writing tweets") }
      try Self.killWhilePaused(client)
      #expect(try feeder.waitForEnd() == .exited(0), "\(feeder.log)")
      #expect(Self.unanswered(feeder) == 1)
      #expect(try Self.total(client) == 0)
    }

    @Test("A permanent refusal ends the feeder, with advice")
    func lasting() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(
        in: folder,
        extra: ["--user", "poor", "on", ">secret", "~*", "&*", "+@all", "-publish"])
      defer { redis.stop() }
      func end(_ url: String) throws -> (ProcessEnd, String) {
        let feeder = try Self.feeder(url, in: TestRun.shared().newFolder())
        return (try feeder.waitForEnd(), feeder.log)
      }
      let (right, rightLog) = try end(redis.url.replacing("://", with: "://poor:secret@"))
      #expect(right == .exited(1) && rightLog.contains("grant the user EVAL"), "\(rightLog)")
      let (password, passwordLog) = try end(redis.url.replacing("://", with: "://poor:wrong@"))
      #expect(password == .exited(1) && passwordLog.contains("correct user and password"), "\(passwordLog)")
      try redis.client().command("SET", "emojitrack_score", "not a sorted set")
      let (type, typeLog) = try end(redis.url)
      #expect(type == .exited(1) && typeLog.contains("WRONGTYPE"), "\(typeLog)")
    }
  }
}
