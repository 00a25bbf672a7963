import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("A rebalance", .patient)
  struct RebalanceTests {
    /// Enough clients that random return times and edges do not decide.
    private static let clientsPerEdge = 400

    private struct State: Decodable {
      let state: String
      let released: Int
      let share: Int?
      let away: Int?
      let spreadPercent: Int?
      let remaining: Int?
    }

    private static func state(_ answer: HTTPAnswer) throws -> State {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(State.self, from: Data(answer.body))
    }

    /// The number of streams of each edge.
    private static func loads(_ edges: [EdgeNode]) throws -> [Double] {
      try edges.map { try $0.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] ?? -1 }
    }

    @Test(
      "A fourth edge joins three: clients with random returns are even within 10 %, without a wave or a loss",
      .alone)
    func joined() throws {
      try Deployment.run(Deployment.Options(edgeCount: 3)) { deployment in
        let hub = deployment.hub
        let newcomer = try EdgeNode("edge-4", in: deployment.folder, hubPorts: [hub.linkPort])
        defer { newcomer.kill() }
        let edges = deployment.edges + [newcomer]
        let addresses = try edges.map { try $0.address }
        let before = try deployment.redis.client().totals()
        let clients = try (0..<3 * Self.clientsPerEdge).map { number in
          let path = "/subscribe/eps?resume=1" + (number % 10 == 0 ? "" : "&hz=5")
          return try ReturningClient(path, at: addresses, first: number % 3, isByName: true)
        }
        try wait(for: "all streams", within: .seconds(60)) { clients.allSatisfy(\.hasBegun) }
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try newcomer.start()
        try newcomer.waitUntilReady()
        try wait(for: "the hub to know all edges and clients", within: .seconds(30)) {
          let page = try hub.page()
          return edges.allSatisfy { page.edge($0.name)?.state == "live" }
            && deployment.edges.allSatisfy {
              page.edge($0.name)?.report?["clients_eps"] == UInt64(Self.clientsPerEdge)
            }
        }

        let start = MonotonicClock.now()
        let begun = try Self.state(hub.ask("POST", "/admin/rebalance", body: "{}"))
        #expect(begun.state == "active" && begun.share != nil && begun.remaining ?? 0 > 0)
        var asked = start
        var latest = begun
        try wait(for: "the end of it", within: .seconds(120)) {
          for client in clients { client.poll() }
          guard asked.duration(to: MonotonicClock.now()) > .milliseconds(500) else { return false }
          asked = MonotonicClock.now()
          latest = try Self.state(hub.ask("GET", "/admin/rebalance"))
          return latest.state != "active"
        }
        #expect(latest.state == "even" && latest.remaining == 0 && latest.away == 0)
        #expect(latest.share == clients.count / edges.count)
        #expect(latest.spreadPercent ?? 100 <= 5)

        let loads = try Self.loads(edges)
        let share = Double(clients.count) / Double(edges.count)
        #expect(loads.reduce(0, +) == Double(clients.count))
        #expect(loads.allSatisfy { abs($0 - share) <= 0.1 * share }, "\(loads)")

        // The clients may not have read yet what the hub knows already.
        func areBack() -> Bool {
          for client in clients { client.poll() }
          return clients.allSatisfy { $0.returnCount == $0.streams.count - 1 }
            && clients.map(\.dueReturns.count).reduce(0, +) == latest.released
        }
        try? wait(for: "all to be back", until: areBack)
        // As many returned as were released, all of them in time, and in no second more than twice the mean.
        #expect(clients.allSatisfy { $0.returnCount == $0.streams.count - 1 && $0.refusals == 0 })
        let moments = clients.flatMap(\.dueReturns).map { Int(start.duration(to: $0).wholeMilliseconds) }
        #expect(moments.count == latest.released)
        let perSecond = Dictionary(grouping: moments) { $0 / 1_000 }.mapValues(\.count)
        let window = Double(moments.max() ?? 0) / 1_000
        let mean = Double(moments.count) / max(1, window)
        #expect(Double(perSecond.values.max() ?? 0) <= 2 * mean, "\(perSecond) over \(window) s")
        print(
          "a rebalance of \(clients.count): \(loads.map { Int($0) }), \(moments.count) releases, \(perSecond.sorted { $0.key < $1.key }.map(\.value)) a second over \(window) s"
        )

        try feed.waitForMore(300)
        try feed.stop()
        let grown = growth(from: before, to: try deployment.redis.client().totals())
        try? wait(for: "the sums") { clients.allSatisfy { $0.sums == grown } }
        for client in clients {
          #expect(client.sums == grown)
          #expect(client.eventNames == ["message"])
        }
      }
    }

    @Test("Stopped and started again within a second, it releases no more than before")
    func begunAgain() throws {
      try Deployment.run(Deployment.Options(edgeCount: 2)) { deployment in
        let hub = deployment.hub
        let edge = deployment.edges[0]
        let clients = try (0..<60).map { _ in try edge.client("/subscribe/eps") }
        try wait(for: "the report") { try hub.page().edge(edge.name)?.report?["clients_eps"] == 60 }
        for _ in 0..<5 {
          #expect(try hub.ask("POST", "/admin/rebalance", body: #"{"rate":1}"#).status == 200)
          #expect(try hub.ask("POST", "/admin/rebalance", body: #"{"rate":0}"#).status == 200)
        }
        let first = try Self.state(hub.ask("POST", "/admin/rebalance", body: #"{"rate":1}"#))
        letPass(.seconds(5))
        let second = try Self.state(hub.ask("GET", "/admin/rebalance"))
        #expect((3...7).contains(second.released - first.released), "\(first) \(second)")
        #expect(try Self.state(hub.ask("DELETE", "/admin/rebalance")).state == "ended")
        withExtendedLifetime(clients) {}
      }
    }
  }
}
