import HubCore
import Primitives
import TestSupport
import Testing

@Suite struct RebalanceTests {
  /// A fleet whose clients come back, after a while, to whichever edge the dice say.
  private struct Fleet {
    var clients: [Int]
    var random: SeededGenerator
    /// How many come back in a second from now, in two, and so on.
    var away: [Int] = Array(repeating: 0, count: 8)
    var now = seconds(1)
    var rebalance = Rebalance()
    var greatestRate = 0

    func node(_ index: Int) -> NodeName {
      guard let node = NodeName("edge-\(index)") else { preconditionFailure("a bad name") }
      return node
    }

    /// One second: the reports of the moment before, then what is planned, then who comes back.
    mutating func step() {
      let loads = clients.indices.map {
        Rebalance.Load(node: node($0), clients: clients[$0], reportedAt: now)
      }
      var released = 0
      for release in rebalance.timerTriggered(loads, now: now) {
        guard let index = clients.indices.first(where: { node($0) == release.node }) else { continue }
        clients[index] -= release.clients
        released += release.clients
        for _ in 0..<release.clients { away[Int.random(in: 2..<8, using: &random)] += 1 }
      }
      greatestRate = max(greatestRate, released)
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
    "after an edge has joined, all are within 10 % of even, and no second releases more than its budget",
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

  @Test("nobody is released where all are even, where there is one edge, or none")
  func nothing() throws {
    for clients in [[100, 100, 100], [104, 100, 96], [5_000], []] {
      var fleet = Fleet(clients: clients, random: SeededGenerator(seed: 1))
      fleet.rebalance.begin(rate: 100)
      for _ in 0..<15 { fleet.step() }
      #expect(fleet.rebalance.released == 0)
      #expect(fleet.rebalance.state == .even)
    }
  }

  @Test("the fullest edges are taken from first")
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

  @Test("what was ordered and is not reported yet counts as gone")
  func ordered() throws {
    var rebalance = Rebalance()
    rebalance.begin(rate: 1_000)
    let other = try #require(NodeName("other"))
    func loads(_ clients: Int, reportedAt: Instant) -> [Rebalance.Load] {
      [
        Rebalance.Load(node: node, clients: clients, reportedAt: reportedAt),
        Rebalance.Load(node: other, clients: 0, reportedAt: reportedAt),
      ]
    }
    #expect(
      rebalance.timerTriggered(loads(1_000, reportedAt: seconds(1)), now: seconds(1)).map(\.clients) == [500])
    // An old report, and one from the middle of the release.
    #expect(rebalance.timerTriggered(loads(1_000, reportedAt: seconds(1)), now: seconds(2)).isEmpty)
    #expect(rebalance.timerTriggered(loads(700, reportedAt: seconds(1.5)), now: seconds(3)).isEmpty)
    // The release is over, and all of them came back to where they were.
    #expect(
      rebalance.timerTriggered(loads(1_000, reportedAt: seconds(2)), now: seconds(4)).map(\.clients) == [500])
  }

  @Test("clients that always come back to where they were are left alone in the end")
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

  @Test("it can be ended, and begun again at another rate")
  func endings() throws {
    var rebalance = Rebalance()
    rebalance.end()
    #expect(rebalance.state == .idle)
    rebalance.begin(rate: 10)
    let loads = [("a", 100), ("b", 0)].map { name, clients in
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
