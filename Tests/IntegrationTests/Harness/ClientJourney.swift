import Foundation
import Primitives
import Testing

/// What befalls clients of two edges while tweets come: three drains, an edge that is killed, and a Redis that is emptied.
/// At its beginning all are at the first edge, or any of them.
final class ClientJourney {
  /// One that is over. The first drain moves those of the first edge, the second one all.
  enum Station: String, CaseIterable { case start, drain, drainBack, drainAgain, kill, newLineage }

  let deployment: Deployment
  /// How long clients may take to be back; those that take longer are left behind.
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

  /// Two edges that can be drained and killed in a short time.
  static var options: Deployment.Options {
    var options = Deployment.Options(edgeCount: 2)
    options.edgeFlags = ["--retry", "1s"]
    options.hubFlags = ["--fence-interval", "500ms"]
    return options
  }

  /// Lets it all befall so many clients.
  ///
  /// - Parameter leavesNobody: whether it is a failure if not all are back.
  /// - Returns: the totals of Redis at the end. Afterwards nothing is written.
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
    // None is left behind before it begins: to load a language and a library may take its time.
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
    // One that drains refuses to tell.
    Int((try? edge.metrics())?["emojitrack_edge_clients{stream=\"eps\"}"] ?? 0)
  }

  private func tell(_ edge: EdgeNode, _ verb: String, _ body: String) throws {
    #expect(try deployment.hub.ask("POST", "/admin/edges/\(edge.name)/\(verb)", body: body).status == 200)
  }
}
