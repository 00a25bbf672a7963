import Foundation
import Redis
import Testing

extension IntegrationTests {
  @Suite("The examples of feeders", .patient)
  struct FeederExampleTests {
    /// The language of an example, with its Redis client.
    struct Language: Sendable, CustomTestStringConvertible {
      let file: String
      /// Possible interpreters: on a developer's machine the first one in `PATH` may lack what apt has installed.
      let commands: [String]
      /// Options and code with which it succeeds if it has a Redis client.
      let probe: [String]

      var testDescription: String { file }

      /// The first interpreter that has a client; nil if none has.
      var command: String? {
        commands.first { ChildProcess.succeeds($0, probe, environment: FeederExampleTests.environment) }
      }
    }

    /// The folder of Debian's packages for Node.
    private static let environment = ["NODE_PATH": "/usr/share/nodejs", "LANG": "C.UTF-8"]

    private static let folder = TestRun.package.appending(path: "Examples/feeder")

    static let languages = [
      Language(
        file: "feeder.py", commands: ["python3", "/usr/bin/python3"], probe: ["-c", "import redis"]),
      Language(file: "feeder.rb", commands: ["ruby"], probe: ["-e", "require 'redis'"]),
      Language(file: "feeder.js", commands: ["node"], probe: ["-e", "require('redis')"]),
    ]

    /// Feeds lines with an example, and waits for its end.
    private static func feed(
      _ lines: [String], _ language: Language, with command: String, to deployment: Deployment
    )
      throws
    {
      let input = deployment.folder.appending(path: "tweets")
      try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: input)
      let script = folder.appending(path: language.file).path
      let feeder = try ChildProcess(
        language.file, "sh", ["-c", #"exec "$0" "$1" <"$2""#, command, script, input.path],
        environment: environment.merging(["REDIS_URL": deployment.redis.url]) { $1 },
        log: deployment.folder.appending(path: "feeder.log").path)
      let end = try feeder.waitForEnd(within: .seconds(30))
      #expect(end == .exited(0), "\(feeder.log)")
    }

    @Test(
      "Its tweets reach clients unchanged, in order, and the hub recognizes its atomic steps",
      arguments: languages)
    func feeds(_ language: Language) throws {
      guard let command = language.command else {
        // A cancelled case is not reported otherwise.
        let reason =
          "\(language.file) is skipped: its client of Redis is missing; Scripts/install.sh --with-feeders gets it"
        print(reason)
        try Test.cancel("\(reason)")
      }
      var options = Deployment.Options(edgeCount: 1)
      options.hubFlags = ["--fence-interval", "300ms"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let sums = try edge.client("/subscribe/eps")
        let raw = try edge.client("/subscribe/raw")
        let details = try edge.client("/subscribe/details/1F602")
        try deployment.waitForTopics(2, of: edge)

        let ids = (0..<30).map { $0 % 3 == 0 ? "1F602" : TweetFeed.ids[$0 % TweetFeed.ids.count] }
        let lines = ids.enumerated().map { "\($1) {\"n\":\($0),\"text\":\"a \\\"b\\\" 😂\"}" }
        try Self.feed(Array(lines[..<20]), language, with: command, to: deployment)
        // A Redis that forgot the script gets it again.
        try redis.command("SCRIPT", "FLUSH")
        try Self.feed(Array(lines[20...]), language, with: command, to: deployment)

        try wait(for: "all ids") { raw.eventCount >= ids.count }
        #expect(raw.events.map(\.text) == ids)
        let tweets = zip(ids, lines).filter { $0.0 == "1F602" }.map { String($0.1.dropFirst(6)) }
        try wait(for: "the tweets") { details.eventCount >= tweets.count }
        #expect(details.events.map(\.text) == tweets)
        guard case .array(let kept?) = try redis.command("LRANGE", "emojitrack_tweets_1F602", "0", "-1")
        else {
          Issue.record("no list")
          return
        }
        #expect(kept == tweets.suffix(10).reversed().map { .bulk(Array($0.utf8)) })
        try deployment.expectExactSums(of: [sums], since: before)
        let fences = try deployment.hub.page().scores.fences
        #expect(fences.feederAtomic && fences.driftsExplained == 0 && fences.repairedWhileConnected == 0)
      }
    }

    @Test("In a cluster the script takes keys with a common tag, and Redis refuses keys in several slots")
    func cluster() throws {
      let flags = ["--cluster-enabled", "yes", "--cluster-port", "\(try TestRun.freePort())"]
      let redis = try RedisServer(in: TestRun.shared().newFolder(), extra: flags)
      defer { redis.stop() }
      let client = try redis.client()
      try client.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      let script = try String(contentsOf: Self.folder.appending(path: "feed.lua"), encoding: .utf8)
      func feed(_ tag: String) throws {
        try client.command(
          "EVAL", script, "2", "\(tag)_score", "\(tag)_tweets_1F602", "stream.score_updates",
          "stream.tweet_updates.", "1F602", "{}")
      }
      try wait(for: "the cluster") { (try? feed("{emojitrack}")) != nil }
      #expect(try client.command("ZSCORE", "{emojitrack}_score", "1F602") == .bulk(Array("1".utf8)))
      let refusal = #expect(throws: RedisClient.Failure.self) { try feed("emojitrack") }
      #expect(refusal?.description.hasPrefix("CROSSSLOT") == true)
    }
  }
}
