import Foundation
import Primitives
import Testing

/// A real Redis, hub and edges for one test.
final class Deployment {
  /// Deviations from the usual deployment.
  struct Options {
    var edgeCount = 2
    /// The number of hubs; every edge connects to all of them.
    var hubCount = 1
    var redis = RedisServer.Access.tcp
    var redisFlags: [String] = []
    /// User and password with an `@` after them, as in the hub's URL.
    var login = ""
    var database = 0
    var hubFlags: [String] = []
    var edgeFlags: [String] = []
    /// Further listening addresses of the edges.
    var listen: [String] = []
    /// The folder of the `hub.pem` that the edges show to TLS clients; nil without TLS.
    var secure: URL?
    /// The folder of the `hub.pem` that hubs show to edges, and of the certificates that edges show to hubs, by their
    /// names; nil for the deployment's own.
    var linkCertificates: URL?
    /// The most files that an edge may open.
    var descriptorLimit: Int?
    /// The control group that limits the edges' memory.
    var memory: MemoryGroup?
    /// A command that starts the edges, whose command follows it.
    var edgeLauncher: [String] = []
    /// The bytes that the edges' plain clients must send first.
    var preamble: [UInt8] = []
    /// Further listening addresses of the hub's admin API.
    var adminListen: [String] = []
    /// The standard error of hubs; nil for a file each.
    var hubStandardError: Int32?
    /// The standard error of edges; nil for a file each.
    var edgeStandardError: Int32?
    /// The totals in Redis before the hub starts. Without any, nothing could be repaired.
    var totals = ["1F4C2": 1_000, "2665": 7]
  }

  let folder: URL
  let redis: RedisServer
  let hubs: [Hub]
  let edges: [EdgeNode]

  /// The first or only hub.
  var hub: Hub { hubs[0] }

  private init(_ options: Options) throws {
    folder = try TestRun.shared().newFolder()
    redis = try RedisServer(in: folder, access: options.redis, extra: options.redisFlags)
    var url = try redis.url
    if !options.login.isEmpty { url = url.replacing("://", with: "://\(options.login)") }
    if options.database != 0 { url += "/\(options.database)" }
    hubs = try (0..<options.hubCount).map { [folder] index in
      try Hub(
        index == 0 ? "hub" : "hub-\(index + 1)", in: folder, redisURL: url, adminListen: options.adminListen,
        certificates: options.linkCertificates, flags: options.hubFlags)
    }
    edges = try (0..<options.edgeCount).map { [hubs, folder] index in
      try EdgeNode(
        "edge-\(index + 1)", in: folder, hubPorts: hubs.map(\.linkPort), listen: options.listen,
        certificates: options.linkCertificates,
        secure: options.secure, descriptorLimit: options.descriptorLimit, preamble: options.preamble,
        memory: options.memory, launcher: options.edgeLauncher, flags: options.edgeFlags)
    }
  }

  /// Starts a deployment, passes it to the body once everything is ready, and stops all of it afterwards. After a
  /// failure it prints the logs.
  static func run(_ options: Options = Options(), _ body: (Deployment) throws -> Void) throws {
    let failuresBefore = FailureWatch.count
    let deployment = try Deployment(options)
    var hasThrown = true
    defer {
      deployment.stop()
      if hasThrown || FailureWatch.count > failuresBefore { deployment.printLogs() }
    }
    try deployment.start(options)
    try body(deployment)
    hasThrown = false
  }

  private func start(_ options: Options) throws {
    let redis = try redis.client()
    try redis.command("SELECT", "\(options.database)")
    for (id, total) in options.totals { try redis.command("ZADD", "emojitrack_score", "\(total)", id) }
    for hub in hubs { try hub.start(standardError: options.hubStandardError) }
    for edge in edges { try edge.start(standardError: options.edgeStandardError) }
    for hub in hubs { try hub.waitUntilReady() }
    for edge in edges { try edge.waitUntilReady() }
  }

  private func stop() {
    for edge in edges { edge.kill() }
    for hub in hubs { hub.kill() }
    redis.stop()
  }

  private func printLogs() {
    let logs = edges.map { ($0.name, $0.log) } + hubs.map { ($0.name, $0.log) } + [("redis", redis.log)]
    for (name, log) in logs {
      print("--- \(name)")
      print(log.split(separator: "\n").suffix(40).joined(separator: "\n"))
    }
  }

  /// Waits until an edge's clients want this number of topics, and the hub knows.
  func waitForTopics(_ count: Int, of edge: EdgeNode) throws {
    try wait(for: "\(count) topics of \(edge.name)") {
      try hubs.allSatisfy { try $0.page().edge(edge.name)?.topics == count }
    }
  }

  /// Waits until every client of `eps` has received exactly the growth of the totals since `start`, and checks that
  /// nothing follows: another tweet with an id of its own must then be the only event.
  func expectExactSums(of clients: [SSEClient], since start: [ScoreID: UInt64]) throws {
    let redis = try redis.client()
    let grown = growth(from: start, to: try redis.totals())
    for client in clients {
      try? wait(for: "the sums of \(client.path)") { client.sum >= grown.values.reduce(0, +) }
      #expect(client.sums == grown)
    }
    try redis.tweet(["LAST"])
    for client in clients {
      try wait(for: "the last tweet") { client.sums["LAST"] == grown["LAST", default: 0] + 1 }
      var sums = client.sums
      sums["LAST"] = grown["LAST"]
      #expect(sums == grown)
    }
  }
}
