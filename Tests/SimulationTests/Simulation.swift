import EdgeCore
import HubCore
import Primitives
import Wire

/// A whole system in one thread: Redis, hubs, edges and clients, a network and a clock, all from one seed.
///
/// Its parts are the machines of the project. The code here that joins them does what the drivers in `Sources/Hub`
/// and `Sources/Edge` do. For a while events and faults happen. Then
/// the faults end, and after a time that is long enough for every timer of the project all parts must agree.
final class Simulation {
  /// The time after the faults: longer than silence on a link, a mute subscriber and a client's return together.
  private static let quiet = Duration.seconds(45)
  /// A run with this many steps has an endless loop.
  private static let stepMaximum = 3_000_000

  let world: World
  let scenario: Scenario
  let network: Network
  let redis: RedisModel
  let audit: Audit
  private(set) var feeder: Feeder
  var hubs: [String: SimulatedHub] = [:]
  var edges: [String: SimulatedEdge] = [:]
  let hubNames: [String]
  let edgeNames: [String]
  private(set) var clients: [SimulatedClient] = []
  private(set) var browsers: [SimulatedBrowser] = []

  init(
    seed: UInt64, traceCount: Int = 40
  ) throws {
    world = World(seed: seed, traceCount: traceCount)
    scenario = Scenario(using: &world.random)
    network = Network(world: world)
    network.delayMaximum = scenario.delayMaximum
    // Two of these ids are equal in Unicode, and nowhere else.
    let texts = ["1F60", "1F61", "1F62", "\u{e9}", "e\u{301}"] + (3..<28).map { "1F6\($0)" }
    let ids = try texts.map { try ScoreID($0) }
    redis = RedisModel(ids: ids, world: world)
    audit = Audit(redis, scenario)
    world.scenario = "\(scenario)"
    feeder = Feeder(scenario.feederForm, ids: ids, redis: redis)
    hubNames = (1...scenario.hubCount).map { "hub-\($0)" }
    edgeNames = (1...scenario.edgeCount).map { "edge-\($0)" }
    for name in hubNames { startHub(name) }
    for name in edgeNames { startEdge(name) }
    browsers = (1...2).map { SimulatedBrowser("browser-\($0)", network: network, directory: self) }
    clients = makeClients()
  }

  /// Runs to the end, or to the first violation.
  func run() -> Violation? {
    for fault in scenario.faults { schedule(fault) }
    run(for: scenario.duration)
    calm()
    run(for: Self.quiet)
    if world.violation == nil { finish() }
    world.scheduler.removeAll()
    network.dissolve()
    return world.violation
  }

  private func run(for duration: Duration) {
    let end = world.now.advanced(by: duration)
    while world.violation == nil, world.scheduler.runNext(until: end) {
      if world.scheduler.step > Self.stepMaximum { world.violated("stuck", "steps without end") }
    }
  }

  // MARK: Processes

  func startHub(_ name: String) {
    hubs[name] = SimulatedHub(
      name, network: network, redis: redis, backlogMaximum: scenario.backlogMaximum)
    world.note(name, "started")
  }

  func startEdge(_ name: String) {
    audit.edgeBegan(name)
    edges[name] = SimulatedEdge(
      name, hubs: hubNames, network: network, directory: self, options: scenario.edgeOptions, audit: audit)
    world.note(name, "started")
  }

  // MARK: The end

  /// All faults end, and what they took away is restored.
  private func calm() {
    world.note("world", "faults end")
    network.heal()
    if !redis.isUp { redis.start() }
    for name in hubNames where hubs[name] == nil { startHub(name) }
    for name in edgeNames where edges[name] == nil { startEdge(name) }
    for name in edgeNames {
      edges[name]?.resume()
      edges[name]?.setCrowded(false)
    }
    for browser in browsers { browser.becomeQuiet() }
    for client in clients { client.becomeQuiet() }
    // Nothing is fed until all timers have run out. Then a little is fed, which shows whether everything is in order.
    feeder.isRunning = false
    feeder.isHeldUp = false
    // A rate that even the slowest link (256 bytes at a time, 150 ms in transit) can carry in the remaining time.
    feeder.rateMaximum = 30
    world.scheduler.after(Self.quiet - .seconds(6)) { [weak self] in self?.feeder.isRunning = true }
    world.scheduler.after(Self.quiet - .seconds(3)) { [weak self] in self?.feeder.isRunning = false }
  }

  private func finish() {
    for name in hubNames { checkHub(name) }
    for name in edgeNames { checkEdge(name) }
    for client in clients where world.violation == nil { client.finished() }
    let lineages = redis.histories.count
    // This holds however many hubs find a loss, and for any feeder.
    if lineages > 1 + redis.losses {
      world.violated("lineage", "\(lineages) lineages after \(redis.losses) losses")
    }
  }

  private func checkHub(_ name: String) {
    guard let hub = hubs[name], case .anchored = hub.stream.feedState else {
      return world.violated("stuck", "\(name) is not anchored at the end")
    }
    let table = hub.stream.table
    guard audit.isPresent(table.position, of: table.lineage) else {
      return world.violated("P1", "\(name) ends at \(table.position), Redis at \(redis.data.position)")
    }
    let totals = table.snapshot().flatMap(\.entries).map { ($0.id, $0.total) }
    if !audit.isPresent(Dictionary(uniqueKeysWithValues: totals)) {
      world.violated("P1", "\(name) ends with other totals than Redis")
    }
  }

  private func checkEdge(_ name: String) {
    guard let edge = edges[name], edge.stream.isFresh else {
      return world.violated("stuck", "\(name) is not fresh at the end")
    }
    edge.checkPlaces()
    for worker in edge.workers {
      if worker.record.counters.eventsSummed > 0 { world.happened(.summedEvents) }
      if worker.record.counters.eventsSkipped > 0 { world.happened(.skippedEvents) }
    }
    let mirror = edge.stream.renderer.mirror
    guard audit.isPresent(mirror.position, of: mirror.lineage) else {
      return world.violated("P1", "\(name) ends at \(mirror.position), Redis at \(redis.data.position)")
    }
    if !audit.isPresent(Dictionary(uniqueKeysWithValues: mirror.publishedTotals)) {
      world.violated("P1", "\(name) ends with other totals than Redis")
    }
  }
}

extension Simulation: NodeDirectory {
  func acceptor(of name: String, secure isSecure: Bool) -> ((End<[UInt8]>) -> Void)? {
    if let hub = hubs[name] { return { [weak hub] in hub?.accepted($0) } }
    guard let edge = edges[name], edge.isListening else { return nil }
    return { [weak edge] in edge?.accept($0, isSecure: isSecure) }
  }
}
