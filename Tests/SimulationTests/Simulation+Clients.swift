import EdgeCore
import Wire

extension Simulation {
  /// Some clients of each kind, each with its own manner.
  func makeClients() -> [SimulatedClient] {
    var clients: [SimulatedClient] = []
    func add(_ name: String, _ checker: any EventChecker) {
      clients.append(
        SimulatedClient(
          name, checker, manner(), network: network, audit: audit, directory: self, edges: edgeNames))
    }
    for number in 1...3 {
      let name = "eps-\(number)"
      add(name, GrowthChecker(name: name, target: "/subscribe/eps", world: world))
    }
    add("hz-1", GrowthChecker(name: "hz-1", target: "/subscribe/eps?hz=5", world: world))
    add("hz-2", GrowthChecker(name: "hz-2", target: "/subscribe/eps?hz=30", world: world))
    for number in 1...4 {
      let name = "place-\(number)"
      add(
        name,
        PlaceChecker(
          name: name, rate: number == 4 ? 10 : nil, hasSnapshot: number > 1, usesQuery: number == 2,
          world: world))
    }
    for number in 1...2 {
      let name = "placed-raw-\(number)"
      add(name, PlacedSequenceChecker(name: name, world: world))
    }
    for (topic, count) in [("1F60", 10), ("1F62", 3)] {
      let name = "backfill-\(topic)"
      add(name, BackfillChecker(name: name, topic: topic, count: count, world: world))
    }
    for number in 1...2 {
      let name = "raw-\(number)"
      add(name, SequenceChecker(name: name, kind: .raw, world: world))
    }
    for (number, topic) in ["1F60", "1F61", "1F60"].enumerated() {
      guard let id = TopicID(Array(topic.utf8)) else { preconditionFailure("a topic") }
      let name = "details-\(number + 1)"
      add(name, SequenceChecker(name: name, kind: .details(id), world: world))
    }
    add("details-all", SequenceChecker(name: "details-all", kind: .allDetails, world: world))
    return clients
  }

  private func manner() -> SimulatedClient.Manner {
    var manner = SimulatedClient.Manner()
    manner.window = world.pick([120, 1_000, 8_000]) ?? 1_000
    manner.stall = world.pick([0, 0, 20, 60]) ?? 0
    manner.stallMaximum = world.pick([1_000, 5_000, 20_000]) ?? 1_000
    manner.isSecure = world.chance(40)
    manner.leave = world.pick([0, 0, 5, 30]) ?? 0
    manner.browser = world.chance(40) ? world.pick(browsers) : nil
    return manner
  }
}
