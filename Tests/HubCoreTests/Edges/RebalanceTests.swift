import HubCore
import Primitives
import TestSupport
import Testing

@Suite struct RebalanceTests {
  /// A fleet whose clients return after a while, to a random edge.
  private struct Fleet {
    var clients: [Int]
    var random: SeededGenerator
    /// The number of clients that return in one second, in two, and so on.
    var away: [Int] = Array(repeating: 0, count: 8)
    var now = seconds(1)
    var rebalance = Rebalance()
    var greatestRate = 0
    /// The numbers of clients that returned in each second.
    var returns: [Int] = []
    /// After how many seconds a released client returns.
    var absence = 2..<8

    func node(_ index: Int) -> NodeName {
      guard let node = NodeName("edge-\(index)") else { preconditionFailure("a bad name") }
      return node
    }

    /// One second: the reports of the moment before, then the planned releases, then the returning clients.
    mutating func step() {
      let loads = clients.indices.map {
        Rebalance.Load(node: node($0), clients: clients[$0], reportedAt: now)
      }
      var released = 0
      for release in rebalance.timerTriggered(loads, now: now) {
        guard let index = clients.indices.first(where: { node($0) == release.node }) else { continue }
        clients[index] -= release.clients
        released += release.clients
        for _ in 0..<release.clients { away[Int.random(in: absence, using: &random)] += 1 }
      }
      greatestRate = max(greatestRate, released)
      returns.append(away[0])
      for _ in 0..<away[0] { clients[Int.random(in: clients.indices, using: &random)] += 1 }
      away = away.dropFirst() + [0]
      now = now.advanced(by: .seconds(1))
    }

    var spread: Double {
      let mean = Double(clients.reduce(0, +)) / Double(clients.count)
      return clients.map { abs(Double($0) - mean) / mean }.max() ?? 0
    }
  }

  @Test(
    "After an edge has joined, all become even within 10 %, and no second exceeds the budget of releases",
    arguments: 1...40)
  func even(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let edges = Int.random(in: 2...9, using: &random)
    let rate = Int.random(in: 20...400, using: &random)
    var clients = (1..<edges).map { _ in Int.random(in: 800...3_000, using: &random) }
    clients.append(0)
    let total = clients.reduce(0, +)
    var fleet = Fleet(clients: clients, random: random)
    fleet.rebalance.begin(rate: rate)
    var steps = 0
    while fleet.rebalance.state == .active, steps < 20_000 {
      fleet.step()
      steps += 1
    }
    #expect(fleet.rebalance.state == .even)
    for _ in 0..<10 { fleet.step() }
    #expect(fleet.clients.reduce(0, +) == total)
    #expect(fleet.spread <= 0.10, "\(fleet.clients)")
    #expect(fleet.greatestRate <= rate)
    #expect(fleet.rebalance.released <= 4 * total)
  }

  @Test(
    "No second sees more than twice the mean of returning clients, however few they are",
    arguments: 1...40)
  func noWave(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let clients = Int.random(in: 100...1_500, using: &random)
    let edges = Int.random(in: 2...8, using: &random)
    var fleet = Fleet(clients: Array(repeating: clients, count: edges) + [0], random: random)
    fleet.absence = 0..<2
    fleet.rebalance.begin(rate: 10_000)
    while fleet.rebalance.state == .active, fleet.returns.count < 1_000 { fleet.step() }
    #expect(fleet.rebalance.state == .even)
    let last = try #require(fleet.returns.lastIndex { $0 > 0 }) + 1
    let mean = Double(fleet.returns.reduce(0, +)) / Double(last)
    #expect(Double(fleet.returns.max() ?? 0) <= 2 * mean, "\(fleet.returns)")
    #expect(fleet.spread <= 0.10, "\(fleet.clients)")
    // About each client once: each place of the new edge takes as many releases as there are edges.
    #expect(fleet.rebalance.released < 3 * clients * edges / 2)
  }

  @Test("The plan does not oscillate if clients never return to the edge that they left")
  func elsewhere() throws {
    var fleet = Fleet(clients: [1_000, 0], random: SeededGenerator(seed: 1))
    fleet.rebalance.begin(rate: 1_000)
    var late = 0
    while fleet.rebalance.state == .active, fleet.returns.count < 1_000 {
      let before = fleet.clients
      let loads = [0, 1].map {
        Rebalance.Load(node: fleet.node($0), clients: before[$0], reportedAt: fleet.now)
      }
      fleet.clients[1] += late
      late = 0
      for release in fleet.rebalance.timerTriggered(loads, now: fleet.now) {
        #expect(release.node == fleet.node(0))
        fleet.clients[0] -= release.clients
        late += release.clients
      }
      fleet.now = fleet.now.advanced(by: .seconds(1))
      fleet.returns.append(late)
    }
    #expect(fleet.rebalance.state == .even)
    #expect(fleet.spread <= 0.05, "\(fleet.clients)")
  }

  @Test("The plan reports its progress")
  func progress() throws {
    var fleet = Fleet(clients: [300, 300, 0], random: SeededGenerator(seed: 2))
    fleet.absence = 0..<2
    #expect(fleet.rebalance.progress == nil)
    fleet.rebalance.begin(rate: 10)
    fleet.step()
    let first = try #require(fleet.rebalance.progress)
    #expect(first.share == 200 && first.away == 0 && first.spreadPercent == 100 && first.remaining == 600)
    while fleet.rebalance.state == .active { fleet.step() }
    let last = try #require(fleet.rebalance.progress)
    #expect(last.share == 200 && last.away == 0 && last.spreadPercent <= 5 && last.remaining == 0)
  }

  @Test("No client is released if all edges are even, or with one edge, or none")
  func nothing() throws {
    for clients in [[100, 100, 100], [104, 100, 96], [5_000], []] {
      var fleet = Fleet(clients: clients, random: SeededGenerator(seed: 1))
      fleet.rebalance.begin(rate: 100)
      for _ in 0..<15 { fleet.step() }
      #expect(fleet.rebalance.released == 0)
      #expect(fleet.rebalance.state == .even)
    }
  }

  @Test("The fullest edges release clients first")
  func fullest() throws {
    var rebalance = Rebalance()
    rebalance.begin(rate: 100)
    let loads = [("a", 1_000), ("b", 500), ("c", 960), ("d", 0)].map { name, clients in
      Rebalance.Load(node: NodeName(name) ?? node, clients: clients, reportedAt: seconds(1))
    }
    let releases = rebalance.timerTriggered(loads, now: seconds(1))
    #expect(releases.map(\.node.description) == ["a", "c"])
    #expect(releases.map(\.clients) == [71, 29])
  }

  private var node: NodeName {
    guard let node = NodeName("node") else { preconditionFailure("a bad name") }
    return node
  }

  @Test("Ordered releases that are not reported yet count as done")
  func ordered() throws {
    var rebalance = Rebalance()
    rebalance.begin(rate: 1_000)
    let other = try #require(NodeName("other"))
    // Half of 1,000 plus the tolerance for even edges; and in a second no more than a twentieth of the clients to
    // release.
    let floor = 475
    func loads(_ clients: Int, reportedAt: Instant) -> [Rebalance.Load] {
      [
        Rebalance.Load(node: node, clients: clients, reportedAt: reportedAt),
        Rebalance.Load(node: other, clients: 0, reportedAt: reportedAt),
      ]
    }
    #expect(
      rebalance.timerTriggered(loads(1_000, reportedAt: seconds(1)), now: seconds(1)).map(\.clients) == [50])
    #expect(
      rebalance.timerTriggered(loads(floor + 60, reportedAt: seconds(2)), now: seconds(2)).map(\.clients)
        == [50])
    // One report is old, the other from the middle of the release: 50 of these clients are certainly gone.
    #expect(
      rebalance.timerTriggered(loads(floor + 60, reportedAt: seconds(2)), now: seconds(3)).map(\.clients)
        == [10])
    #expect(rebalance.timerTriggered(loads(floor + 60, reportedAt: seconds(2.5)), now: seconds(4)).isEmpty)
    // The releases are over, and all clients returned to their edges.
    #expect(
      rebalance.timerTriggered(loads(floor + 60, reportedAt: seconds(4)), now: seconds(5)).map(\.clients)
        == [50])
  }

  @Test("Clients that always return to their edge are finally left alone")
  func futile() throws {
    var rebalance = Rebalance()
    rebalance.begin(rate: 100)
    let other = try #require(NodeName("other"))
    var now = seconds(1)
    while rebalance.state == .active, now < seconds(10_000) {
      let loads = [
        Rebalance.Load(node: node, clients: 1_000, reportedAt: now),
        Rebalance.Load(node: other, clients: 0, reportedAt: now),
      ]
      _ = rebalance.timerTriggered(loads, now: now)
      now = now.advanced(by: .seconds(1))
    }
    #expect(rebalance.state == .futile)
    #expect(rebalance.released <= 4_100)
  }

  @Test("A rebalance can be stopped, and started again at another rate")
  func endings() throws {
    var rebalance = Rebalance()
    rebalance.end()
    #expect(rebalance.state == .idle)
    rebalance.begin(rate: 10)
    let loads = [("a", 1_000), ("b", 0)].map { name, clients in
      Rebalance.Load(node: NodeName(name) ?? node, clients: clients, reportedAt: seconds(1))
    }
    #expect(rebalance.timerTriggered(loads, now: seconds(1)).map(\.clients) == [10])
    rebalance.begin(rate: 20)
    #expect(rebalance.released == 10)
    #expect(rebalance.timerTriggered(loads, now: seconds(2)).map(\.clients) == [20])
    rebalance.end()
    #expect(rebalance.state == .ended)
    #expect(rebalance.timerTriggered(loads, now: seconds(3)).isEmpty)
    rebalance.begin(rate: 5)
    #expect(rebalance.released == 0)
  }
}
