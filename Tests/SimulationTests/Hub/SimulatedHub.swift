import HubCore
import Primitives
import Wire

/// One life of a hub's process: the machines of `HubCore`, driven as `FeedDriver`, `FeedRelay` and `EdgeFleet` drive them.
final class SimulatedHub {
  let name: String
  let world: World
  let network: Network
  let redis: RedisModel
  let terms: LinkLimits
  private(set) var isAlive = true

  // The feed from Redis.
  var machine: FeedMachine
  var redisEnds: [FeedConnection: End<RedisCargo>] = [:]
  var stream: HubStream
  private(set) lazy var feedAlarm = Alarm(on: world.scheduler) { [weak self] in self?.feedTimerFired() }

  // The edges.
  let edges: EdgeLinks<HubSideLink>
  private lazy var tick = Alarm(on: world.scheduler) { [weak self] in self?.tickHit() }

  init(
    _ name: String, network: Network, redis: RedisModel, backlogMaximum: Int
  ) {
    self.name = name
    self.network = network
    self.redis = redis
    world = network.world
    guard let node = NodeName(name), let version = SoftwareVersion("0") else { preconditionFailure("names") }
    var terms = LinkLimits(node: node, softwareVersion: version)
    terms.backlogMaximum = backlogMaximum
    self.terms = terms
    edges = EdgeLinks(edgesMaximum: 4_096, now: world.now, random: &world.random)
    machine = FeedMachine(configuration: FeedConfiguration())
    stream = HubStream(ScorePacker(start: world.now))
    perform(machine.start(now: world.now))
    everySecond()
  }

  /// Takes over a connection of an edge.
  func accepted(_ end: End<[UInt8]>) {
    edges.add(HubSideLink(number: edges.takeNumber(), end: end, hub: self))
  }

  /// `kill -9`.
  func kill() {
    isAlive = false
    for end in redisEnds.values { end.vanish() }
    for link in edges.all { link.vanish() }
    redisEnds = [:]
    feedAlarm.set(nil)
    tick.set(nil)
    world.note(name, "killed at \(stream.table.position)")
  }

  func armTick() {
    tick.set(stream.deadline)
  }

  private func tickHit() {
    perform(stream.tickHit(now: world.now))
  }

  private func everySecond() {
    _ = edges.secondPassed(now: world.now, using: &world.random)
    world.scheduler.after(.seconds(1)) { [weak self] in
      guard let self, isAlive else { return }
      everySecond()
    }
  }
}
