import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

/// Real processes are made to fail while clients add up their events. At the end their sums must be what Redis
/// counted.
final class LossTrial {
  struct Options {
    var hubCount = 1
    /// Whether there is a ``LinkRelay`` between each edge and the first hub.
    var isRelayed = false
    var redisFlags: [String] = []
    /// Whether there are clients that cannot come back. There must be none if edges are killed.
    var hasPlainClients = true
    /// Tweets a second.
    var rate = 1_200
    /// How tweets are written.
    var steps = TweetFeed.Steps.one
    var hubFlags: [String] = []
    /// Whether Redis may lose data: ``losses`` counts how often it did.
    var losesData = false
    /// Whether edges are drained, and reject new clients.
    var drains = false
    /// The number of clients of each habit at each edge.
    var crowd = 1
  }

  /// Whether the trials run for their full time and counts.
  static let isFull = ProcessInfo.processInfo.environment["EMOJITRACK_MINUTE"] == "1"

  let redis: RedisServer
  let hubs: [Hub]
  let relays: [LinkRelay]
  let edges: [EdgeNode]
  let seed: UInt64
  /// The source of the trial's own choices.
  var random: SeededGenerator
  /// How often Redis lost data.
  var losses = 0
  let folder: URL

  private init(_ options: Options) throws {
    seed =
      ProcessInfo.processInfo.environment["EMOJITRACK_SEED"].flatMap { UInt64($0) }
      ?? .random(in: 1...999_999)
    random = SeededGenerator(seed: seed)
    let folder = try TestRun.shared().newFolder()
    self.folder = folder
    let redis = try RedisServer(in: folder, extra: options.redisFlags)
    self.redis = redis
    let hubs = try (1...options.hubCount).map { number in
      try Hub("hub-\(number)", in: folder, redisURL: redis.url, flags: options.hubFlags)
    }
    self.hubs = hubs
    let relays = options.isRelayed ? try (0..<2).map { _ in try LinkRelay(to: hubs[0].linkPort) } : []
    self.relays = relays
    edges = try (0..<2).map { index in
      try EdgeNode(
        "edge-\(index + 1)", in: folder,
        hubPorts: options.isRelayed
          ? [relays[index].port] + hubs.dropFirst().map(\.linkPort) : hubs.map(\.linkPort))
    }
  }

  /// Starts everything, runs `faults` while tweets and clients come and go, and checks that afterwards every client
  /// has exactly what Redis counted.
  ///
  /// - Returns: the clients' records at the end.
  @discardableResult
  static func run(
    _ name: String, _ options: Options = Options(), faults: (LossTrial, SummingClients) throws -> Void
  ) throws -> [SummingClients.Record] {
    let failuresBefore = FailureWatch.count
    let trial = try LossTrial(options)
    print("loss: \(name): EMOJITRACK_SEED=\(trial.seed)")
    var hasThrown = true
    defer {
      trial.stop()
      if hasThrown || FailureWatch.count > failuresBefore { trial.printLogs() }
    }
    let records = try trial.run(name, options, faults)
    hasThrown = false
    return records
  }

  private func run(
    _ name: String, _ options: Options, _ faults: (LossTrial, SummingClients) throws -> Void
  ) throws -> [SummingClients.Record] {
    // Totals from before the hub's start are not growth.
    try redis.client().tweet(["1F4C2", "2665", "2665"])
    for hub in hubs { try hub.start() }
    for edge in edges { try edge.start() }
    try waitUntilWhole()
    let before = try redis.client().totals()
    let clients = try SummingClients(habits(options, since: before), seed: random.next())
    defer { clients.stop() }
    let feed = try TweetFeed(
      redis.address, rate: options.rate, ids: (0..<1_000).map { "ID-\($0)" }, steps: options.steps)
    try feed.waitForMore(options.rate / 2)
    _ = clients.takeLongestPauses()

    try faults(self, clients)

    let pauses = clients.takeLongestPauses()
    try waitUntilWhole()
    try feed.waitForMore(options.rate / 2)
    try feed.stop()
    try expectBooksBalance(clients, options)
    let records = clients.all
    let sum = try redis.client().totals().values.reduce(0, +)
    print("loss: \(name): \(Self.figures(records, increments: sum, pauses))")
    return records
  }

  /// For each edge, two clients that stay and two that move, one of them with a low rate, and one that cannot come
  /// back.
  private func habits(_ options: Options, since totals: [ScoreID: UInt64]) throws -> [SummingClients.Habit] {
    let addresses = try edges.map { try $0.address }
    return addresses.indices.flatMap { index in
      let edges = Array(addresses[index...] + addresses[..<index])
      let staying = SummingClients.Habit(edges: edges)
      let range = Duration.milliseconds(200) ..< .milliseconds(1_500)
      let restless = [nil, 10].map { SummingClients.Habit(edges: edges, rate: $0, restlessness: range) }
      let plain = SummingClients.Habit(form: .plain(since: totals), edges: [edges[0]])
      let crowd = (1...options.crowd).flatMap { _ in [staying, staying] + restless }
      return crowd + (options.hasPlainClients ? [plain] : [])
    }
  }

  /// Waits until every client has what Redis counted, and checks that nothing follows: another tweet must then be the
  /// only event.
  private func expectBooksBalance(_ clients: SummingClients, _ options: Options) throws {
    let redis = try redis.client()
    let sum = try redis.totals().values.reduce(0, +)
    try? wait(for: "the sums", within: .seconds(20)) { clients.all.allSatisfy { $0.ledger.sum >= sum } }
    try redis.tweet(["LAST"])
    try? wait(for: "the last tweet") { clients.all.allSatisfy { $0.ledger.totals["LAST"] != nil } }
    let truth = try redis.totals()
    try? wait(for: "the balance", within: .seconds(20)) {
      clients.all.allSatisfy { $0.ledger.balance(against: truth) == GrowthLedger.Balance() }
    }
    for (index, record) in clients.all.enumerated() {
      let balance = record.ledger.balance(against: truth)
      #expect(balance == GrowthLedger.Balance(), "client \(index) at \(record.ledger.token)")
      #expect(record.ledger.violations == [], "client \(index)")
      #expect(record.refusals == [:], "client \(index)")
      #expect(record.turnedAwayCount == 0 || options.drains, "client \(index)")
      guard !options.losesData else {
        // A reset for each loss, and no more; or one from each edge, if the client moves to one that does not know of
        // the loss yet.
        let resets =
          record.ledger.resets["new_lineage", default: 0] + record.ledger.resets["corrected", default: 0]
        let tellers = min(record.connectionCount, edges.count)
        #expect(resets <= losses * tellers, "client \(index): \(record.ledger.resets)")
        continue
      }
      // Redis lost nothing, so its totals never went backwards.
      #expect(record.ledger.resets["new_lineage"] == nil, "client \(index)")
      if options.steps == .one { #expect(record.ledger.resets["corrected"] == nil, "client \(index)") }
      // A client that cannot come back never lost its connection, or its accounts would not balance.
      if record.ledger.form != .resuming { #expect(record.connectionCount == 1) }
    }
    // Redis lost nothing, so its totals never went backwards. A reset may give that reason nevertheless: for an edge
    // that was without a hub since it started, the first lineage is a new one.
    if options.losesData { return }
    #expect(clients.all.reduce(into: Set()) { $0.formUnion($1.ledger.lineages) }.count == 1)
  }

  private static func figures(
    _ records: [SummingClients.Record], increments: UInt64, _ pauses: [Duration]
  ) -> String {
    let ledgers = records.map(\.ledger)
    let resets = ledgers.reduce(into: [:]) { $0.merge($1.resets, uniquingKeysWith: +) }
    return [
      "\(increments) increments", "\(records.count) clients",
      "\(ledgers.map(\.eventCount).reduce(0, +)) events",
      "\(records.map(\.turnedAwayCount).reduce(0, +)) turned away",
      "\(records.map(\.connectionCount).reduce(0, +)) connections",
      "\(ledgers.map(\.resumptionCount).reduce(0, +)) resumed",
      "\(ledgers.map(\.snapshotCount).reduce(0, +)) snapshots", "resets \(resets)",
      "longest pause \((pauses.max() ?? .zero).wholeMilliseconds) ms",
    ].joined(separator: ", ")
  }

  // MARK: For the faults

  /// Waits until all processes run, and are fresh.
  func waitUntilWhole() throws {
    for hub in hubs { try hub.waitUntilReady() }
    for edge in edges { try edge.waitUntilReady() }
  }

  /// Waits a random time, in milliseconds.
  func rest(_ milliseconds: ClosedRange<Int>) {
    letPass(.milliseconds(Int.random(in: milliseconds, using: &random)))
  }

  private func stop() {
    for edge in edges { edge.kill() }
    for hub in hubs { hub.kill() }
    redis.stop()
  }

  private func printLogs() {
    let logs =
      edges.map { ($0.name, $0.log) } + hubs.map { ($0.name, $0.log) }
      + [("redis", redis.log)]
    for (name, log) in logs {
      print("--- \(name)")
      print(log.split(separator: "\n").suffix(60).joined(separator: "\n"))
    }
  }
}
