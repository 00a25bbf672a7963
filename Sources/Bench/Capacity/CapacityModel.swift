/// What a fleet needs for a number of clients: arithmetic over measured costs (Docs/capacity.md says where each is from).
struct CapacityModel: Equatable {
  /// The clients of the whole fleet.
  var clients = 1_000_000.0
  /// The events that each client gets in a second.
  var rate = 10.0
  /// The bytes of an event.
  var eventBytes = 285.0
  var isTLS = true
  /// The cores of an edge, each with a worker.
  var cores = 8.0
  /// The memory that an edge may use for clients, in bytes.
  var memory = 16.0 * 1_073_741_824
  /// The bandwidth of an edge, in bits a second.
  var bandwidth = 10e9
  /// The clients that an edge accepts.
  var clientsMaximum = 100_000.0
  /// The share of cores and bandwidth that is planned to be used.
  var load = 0.6
  /// The time within which the clients of an edge that is drained return, in seconds.
  var drainSeconds = 60.0

  /// The CPU time of an event to a client, in seconds.
  var eventCPU: Double { isTLS ? 8.5e-6 : 5.0e-6 }
  /// The memory of a client, in bytes.
  var clientMemory: Double { isTLS ? 15.0 * 1024 : 0.43 * 1024 }
  /// The CPU time of a client that connects, in seconds.
  var connectCPU: Double { isTLS ? 0.5e-3 : 0.035e-3 }
  /// The bytes around an event: a chunk's size and line ends, a record, and the headers of TCP and IPv4 with
  /// timestamps.
  var framingBytes: Double { 7 + (isTLS ? 22 : 0) + 52 }
  /// The hub's CPU time for an edge in a second, in seconds, and its bytes to it, at 2,000 scores a second.
  static let linkCPU = 0.7e-3
  static let linkBytes = 13_000.0
  /// The addresses that an answer of DNS holds without TCP: 1,232 bytes, 16 for each address, and the question.
  static let addressesMaximum = 72.0

  /// A limit, and the edges that it asks for.
  struct Limit: Equatable {
    let name: String
    let edges: Double
  }

  /// The bits a second that a client gets.
  var clientBits: Double { rate * (eventBytes + framingBytes) * 8 }

  /// The edges that each resource asks for, rounded up.
  var limits: [Limit] {
    [
      Limit(name: "CPU", edges: clients * rate * eventCPU / (cores * load)),
      Limit(name: "bandwidth", edges: clients * clientBits / (bandwidth * load)),
      Limit(name: "memory", edges: clients * clientMemory / memory),
      Limit(name: "clients of an edge", edges: clients / clientsMaximum),
    ].map { Limit(name: $0.name, edges: max(1, $0.edges.rounded(.up))) }
  }

  /// The edges that serve all clients, without a spare one.
  var edgesNeeded: Double { limits.map(\.edges).max() ?? 1 }

  /// With enough others that an edge may be lost in each ten, and one at least.
  var edges: Double { edgesNeeded + max(1, (edgesNeeded / 10).rounded(.up)) }

  var clientsPerEdge: Double { clients / edges }

  /// The reconnects a second at each other edge while the clients of one edge are released.
  var drainRate: Double { clientsPerEdge / drainSeconds / max(1, edges - 1) }

  /// For how long the others' spare CPU is busy when all clients of one edge come back at once.
  var crashSeconds: Double {
    let used = clientsPerEdge * rate * eventCPU
    let spare = max(0.05 * cores, cores - used) * max(1, edges - 1)
    return clientsPerEdge * connectCPU / spare
  }

  /// For how long a fleet that starts over needs to take all clients, with all its cores.
  var restartSeconds: Double { clients * connectCPU / (cores * edges) }

  var hubCores: Double { edges * Self.linkCPU }
  var hubBits: Double { edges * Self.linkBytes * 8 }
  /// The names, or subsets of addresses in turn, that DNS needs for all edges.
  var answersNeeded: Double { (edges / Self.addressesMaximum).rounded(.up) }
}
