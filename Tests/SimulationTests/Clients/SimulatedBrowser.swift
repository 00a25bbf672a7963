import Primitives

/// A browser, whose pages share a connection of HTTP/2 to each edge, in the clear. It stalls as a whole now and then.
final class SimulatedBrowser {
  let name: String
  private let network: Network
  private let world: World
  private unowned let edges: any NodeDirectory
  /// The newest connection to each edge.
  private var connections: [String: SharedConnection] = [:]
  /// All connections: streams of those that take no further ones go on.
  private var all: [SharedConnection] = []
  /// How many bytes each stream may have in transit. Less than an event would be an attack: a window update for each
  /// few bytes.
  private let window: Int
  private var stall: Int

  init(_ name: String, network: Network, directory: any NodeDirectory) {
    self.name = name
    self.network = network
    edges = directory
    world = network.world
    window = world.pick([1_000, 4_000, 65_535]) ?? 1_000
    stall = world.pick([0, 0, 20]) ?? 0
    look()
  }

  /// The connection to an edge for a further stream.
  func connection(to edge: String) -> SharedConnection {
    if let connection = connections[edge], connection.isUsable { return connection }
    let end: End<[UInt8]> = network.dial(from: name, to: edge, window: world.pick([500, 8_192]) ?? 8_192) {
      [weak self] in self?.edges.acceptor(of: edge, secure: false)
    }
    let connection = SharedConnection(name, over: end, window: window, world: world)
    connections[edge] = connection
    all.append(connection)
    return connection
  }

  private func look() {
    world.scheduler.after(world.milliseconds(500...2_000)) { [weak self] in
      guard let self else { return }
      if world.chance(stall), let edge = world.pick(connections.keys.sorted()) {
        pause(connections[edge]?.end)
      }
      look()
    }
  }

  private func pause(_ end: End<[UInt8]>?) {
    guard let end, end.isReading else { return }
    end.isReading = false
    world.scheduler.after(world.milliseconds(100...5_000)) { [weak end] in end?.isReading = true }
  }

  /// From now on it reads.
  func becomeQuiet() {
    stall = 0
    for connection in all { connection.end.isReading = true }
  }
}
