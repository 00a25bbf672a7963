import Glibc
import Reactor
import Service

/// `emojitrack-bench costs`: measures edges and bare loops in turns.
enum CostsCommand {
  static func run(_ settings: Settings<CostsDeclaration>) throws -> Int32 {
    let credentials = try FloorCommand.credentials(settings.certificate, settings.privateKey)
    var table = CostTable()
    var isExact = true
    for turn in 1...settings.turns {
      // What runs first in a turn must not always be the same.
      let edges = turn % 2 == 1 ? settings.edges : settings.edges.reversed()
      var costs: [(name: String, cost: Double)] = []
      var sample: LoadReport?
      for edge in edges {
        let run = try bench(of: edge, settings, credentials: nil).edge(
          "eps", clients: settings.clients, rate: settings.rate)
        isExact = isExact && run.isGood
        costs.append((edge.name, run.cpuPerEvent ?? .nan))
        sample = sample ?? run
      }
      guard let sample, let first = edges.first else { return EX_USAGE }
      for method in FloorMethod.allCases where method != .ring || FloorMethod.ringIsPermitted {
        if method == .openssl, credentials == nil { continue }
        let floor = try bench(of: first, settings, credentials: credentials).floor(like: sample, by: method)
        costs.append((method.name, floor.cpuPerEvent ?? .nan))
      }
      let order = FloorMethod.allCases.map(\.name) + settings.edges.map(\.name)
      for name in order {
        for (_, cost) in costs.filter({ $0.name == name }) { table.append(cost, of: name) }
      }
      StandardStream.write(
        "turn \(turn) of \(settings.turns)\(isExact ? "" : ", not exact")\n", to: STDERR_FILENO)
    }
    StandardStream.write(
      TextTable.aligned(table.rows(relativeTo: [FloorMethod.send.name, FloorMethod.openssl.name])) + "\n",
      to: STDOUT_FILENO)
    return isExact ? EXIT_SUCCESS : EXIT_FAILURE
  }

  private static func bench(
    of edge: MeasuredEdge, _ settings: Settings<CostsDeclaration>,
    credentials: (certificate: String, key: String)?
  ) -> Workbench {
    Workbench(
      edge: edge.url, process: edge.process, redisURL: settings.redisURL, seconds: settings.seconds,
      authority: settings.authority, credentials: credentials)
  }
}
