import Glibc
import Reactor
import Service

/// `emojitrack-bench capacity`: prints what a fleet needs.
enum CapacityCommand {
  static func run(_ settings: Settings<CapacityDeclaration>) -> Int32 {
    StandardStream.write(TextTable.aligned(CapacityModel(settings).rows) + "\n", to: STDOUT_FILENO)
    return EXIT_SUCCESS
  }
}

extension CapacityModel {
  /// The results as lines of a name and a text.
  var rows: [[String]] {
    let number = { (value: Double) in NumberText.decimal(value, value < 10 ? 1 : 0) }
    let limits = limits.map { "\($0.name) \(number($0.edges))" }.joined(separator: ", ")
    return [
      [
        "edges",
        "\(NumberText.decimal(edges, 0)), of which \(NumberText.decimal(edges - edgesNeeded, 0)) spare",
      ],
      ["by resource", limits],
      [
        "an edge",
        "\(NumberText.decimal(clientsPerEdge, 0)) clients, "
          + "\(NumberText.decimal(clientsPerEdge * rate * eventCPU, 2)) cores, "
          + "\(NumberText.decimal(clientsPerEdge * clientMemory / 1_073_741_824, 2)) GiB, "
          + "\(NumberText.decimal(clientsPerEdge * clientBits / 1e9, 2)) Gbit/s",
      ],
      ["the fleet", "\(NumberText.decimal(clients * clientBits / 1e9, 1)) Gbit/s to clients"],
      [
        "a hub",
        "\(NumberText.decimal(hubCores, 2)) cores and \(NumberText.decimal(hubBits / 1e6, 1)) Mbit/s for its links",
      ],
      ["a drain of one edge", "\(NumberText.decimal(drainRate, 1)) reconnects a second at each other edge"],
      [
        "a crash of one edge",
        "\(NumberText.decimal(crashSeconds, 2)) s of the others' spare CPU for its clients",
      ],
      [
        "all edges at once",
        "\(NumberText.decimal(restartSeconds, 1)) s of all cores to take all clients again",
      ],
      [
        "DNS",
        answersNeeded == 1
          ? "one answer over UDP holds all addresses"
          : "\(NumberText.decimal(answersNeeded, 0)) subsets of addresses in turn: one answer over UDP holds 72",
      ],
    ]
  }
}
