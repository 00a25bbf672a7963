import Foundation
import Primitives
import Testing

/// A sequence of faults for clients of two edges while tweets arrive: three drains, a killed edge, and an emptied
/// Redis. At the beginning all clients are at the first edge, or at any of them.
final class ClientJourney {
  /// A completed station. The first drain moves the clients of the first edge, the second one all clients.
  enum Station: String, CaseIterable { case start, drain, drainBack, drainAgain, kill, newLineage }

  let deployment: Deployment
  /// How long clients may take to return; slower ones are left behind.
  private let patience: Duration
  /// Called at each station.
  private let arrive: (Station) throws -> Void

  init(
    _ deployment: Deployment, patience: Duration = .seconds(15),
    arrive: @escaping (Station) throws -> Void = { _ in }
  ) {
    self.deployment = deployment
    self.patience = patience
    self.arrive = arrive
  }

  /// Two edges that can be drained and killed quickly.
  static var options: Deployment.Options {
    var options = Deployment.Options(edgeCount: 2)
    options.edgeFlags = ["--retry", "1s"]
    options.hubFlags = ["--fence-interval", "500ms"]
    return options
  }

  /// Runs the journey with this number of clients.
  ///
  /// - Parameter leavesNobody: whether it is a failure if some clients do not return.
  /// - Returns: the totals in Redis at the end. Afterwards nothing is written.
  func run(_ count: Int, leavesNobody: Bool = true) throws -> [ScoreID: UInt64] {
    let redis = try deployment.redis.client()
    let edges = deployment.edges
    func arriveWhole(_ station: Station, at edges: [EdgeNode]) throws {
      let moment = "\(count) clients at \(edges.map(\.name)), \(station)"
      do {
        try wait(for: moment, within: patience) {
          try edges.map(clients).reduce(0, +) >= count
        }
      } catch let late as TimedOut { if leavesNobody { throw late } }
      try arrive(station)
    }
    // No client is left behind before the journey begins, because starting a language and a library may take long.
    try wait(for: "\(count) clients", within: .seconds(60)) { try edges.map(clients).reduce(0, +) >= count }
    try arrive(.start)
    let feed = try TweetFeed(deployment.redis.address, rate: 200)
    try feed.waitForMore(100)
    for (station, from, to) in [(Station.drain, 0, 1), (.drainBack, 1, 0), (.drainAgain, 0, 1)] {
      try tell(edges[from], "drain", #"{"window":1}"#)
      try arriveWhole(station, at: [edges[to]])
      try tell(edges[from], "undrain", "{}")
      try edges[from].waitUntilReady()
      try feed.waitForMore(50)
    }
    edges[1].kill()
    try arriveWhole(.kill, at: [edges[0]])
    try edges[1].start()
    try edges[1].waitUntilReady()
    try feed.waitForMore(50)
    let lineage = try deployment.hub.page().scores.lineage
    try redis.command("FLUSHALL")
    try wait(for: "a new lineage") { try deployment.hub.page().scores.lineage != lineage }
    try feed.waitForMore(100)
    try arriveWhole(.newLineage, at: edges)
    try feed.stop()
    try redis.tweet(["LAST"])
    return try redis.totals()
  }

  private func clients(_ edge: EdgeNode) throws -> Int {
    // A draining edge refuses the request.
    Int((try? edge.metrics())?["emojitrack_edge_clients{stream=\"eps\"}"] ?? 0)
  }

  private func tell(_ edge: EdgeNode, _ verb: String, _ body: String) throws {
    #expect(try deployment.hub.ask("POST", "/admin/edges/\(edge.name)/\(verb)", body: body).status == 200)
  }
}
