import EdgeCore
import HubCore
import Primitives

// The faults of a world.
extension Simulation {
  /// Makes a fault occur now and then, until all faults end.
  func schedule(_ fault: Fault) {
    let end = world.now.advanced(by: scenario.duration - .seconds(1))
    world.scheduler.after(world.milliseconds(500...8_000)) { [weak self] in
      guard let self, world.now < end else { return }
      strike(fault)
      schedule(fault, until: end)
    }
  }

  private func schedule(_ fault: Fault, until end: Instant) {
    world.scheduler.after(world.milliseconds(300...8_000)) { [weak self] in
      guard let self, world.now < end else { return }
      strike(fault)
      schedule(fault, until: end)
    }
  }

  private func strike(_ fault: Fault) {
    switch fault {
    case .linkLoss: breakLink()
    case .partition: if let edge = world.pick(edgeNames), let hub = world.pick(hubNames) { cut(edge, hub) }
    case .redisPartition: if let hub = world.pick(hubNames) { cut(hub, RedisModel.node) }
    case .hubDeath: if let hub = world.pick(hubNames) { killHub(hub) }
    case .edgeDeath: if let edge = world.pick(edgeNames) { killEdge(edge) }
    case .drain: if let edge = pickEdge() { drain(edge) }
    case .stop: if let edge = pickEdge() { stop(edge) }
    case .handshakes: if let edge = world.pick(edgeNames) { beginHandshakes(at: edge) }
    case .shed:
      pickEdge()?.shed(Int.random(in: 1...5, using: &world.random), over: world.milliseconds(0...3_000))
    case .cleanup: if let edge = world.pick(edgeNames) { world.pick(clients)?.cleanUp(at: edge) }
    case .crowding: if let edge = pickEdge() { crowd(edge) }
    case .stranding: if let edge = world.pick(edgeNames) { strand(edge) }
    case .redisRestart: restartRedis(.asItWas)
    case .redisRollback: rollBackRedis(killingHubs: false)
    case .redisRestore: rollBackRedis(killingHubs: true)
    case .redisEmptied:
      if world.chance(50) { hubNames.forEach(killHub) }
      restartRedis(.empty)
    case .redisFlushed: if redis.isUp { redis.empty() }
    case .clientKill: if redis.isUp { redis.killClients(percent: world.pick([50, 100]) ?? 50) }
    case .silentSubscriber: if redis.isUp { redis.muteSubscriber() }
    }
  }

  private func pickEdge() -> SimulatedEdge? { world.pick(edges.values.sorted { $0.name < $1.name }) }

  private func breakLink() {
    guard let edge = pickEdge(), let link = world.pick(edge.links),
      let end = link.end
    else { return }
    world.note("world", "the line from \(edge.name) to \(link.hub) breaks")
    end.sever(tellingUs: delayOfNotice(), tellingThem: delayOfNotice())
  }

  /// Each side learns of it at once, later, or never.
  private func delayOfNotice() -> Duration? {
    world.chance(25) ? nil : world.milliseconds(world.chance(50) ? 0...5 : 0...3_000)
  }

  private func cut(_ first: String, _ second: String) {
    let length = world.milliseconds(world.chance(50) ? 50...1_000 : 1_000...12_000)
    let end = world.now.advanced(by: length)
    let ways = world.pick([1, 2, 3]) ?? 3
    world.note("world", "\(first) and \(second) are cut off for \(length), ways \(ways)")
    if ways & 1 != 0 { network.cut(from: first, to: second, until: end) }
    if ways & 2 != 0 { network.cut(from: second, to: first, until: end) }
  }

  private func killHub(_ name: String) {
    guard let hub = hubs.removeValue(forKey: name) else { return }
    hub.kill()
    world.scheduler.after(world.milliseconds(20...4_000)) { [weak self] in
      guard let self, hubs[name] == nil else { return }
      startHub(name)
    }
  }

  private func killEdge(_ name: String) {
    guard let edge = edges.removeValue(forKey: name) else { return }
    edge.kill()
    world.scheduler.after(world.milliseconds(20...4_000)) { [weak self] in
      guard let self, edges[name] == nil else { return }
      startEdge(name)
    }
  }

  private func drain(_ edge: SimulatedEdge) {
    guard !edge.isDraining else { return }
    let window = world.milliseconds(0...4_000)
    edge.drain(over: window)
    // The command reaches a worker within a millisecond.
    world.scheduler.after(window + .milliseconds(100)) { [weak edge] in edge?.checkDrained() }
    world.scheduler.after(window + world.milliseconds(200...2_000)) { [weak edge] in edge?.resume() }
  }

  private func stop(_ edge: SimulatedEdge) {
    guard edge.isListening else { return }
    let name = edge.name
    let window = world.milliseconds(0...4_000)
    edge.stop(over: window) { [weak self, weak edge] in
      guard let self, let edge, edges[name] === edge else { return }
      world.happened(.stopped)
      killEdge(name)
    }
    world.scheduler.after(window + ReleasePace.grace + .milliseconds(100)) { [weak self, weak edge] in
      guard let self, let edge, edges[name] === edge else { return }
      world.violated("drain", "\(name) has not stopped")
    }
  }

  private func beginHandshakes(at edge: String) {
    let count = Int.random(in: 4...12, using: &world.random)
    world.note("world", "\(count) strangers begin a handshake at \(edge)")
    for number in 1...count {
      world.scheduler.after(world.milliseconds(0...50)) { [weak self] in
        guard let self else { return }
        _ = Stranger("stranger-\(number)", at: edge, network: network, directory: self)
      }
    }
  }

  private func crowd(_ edge: SimulatedEdge) {
    edge.setCrowded(true)
    world.scheduler.after(world.milliseconds(500...4_000)) { [weak edge] in edge?.setCrowded(false) }
  }

  private func strand(_ name: String) {
    killEdge(name)
    let end = world.now.advanced(by: world.milliseconds(6_000...12_000))
    world.note("world", "\(name) reaches no hub")
    for hub in hubNames {
      network.cut(from: name, to: hub, until: end)
      network.cut(from: hub, to: name, until: end)
    }
  }

  /// The data with which Redis restarts.
  private enum Comeback {
    case asItWas
    case setBack
    case empty
  }

  private func restartRedis(_ comeback: Comeback) {
    guard redis.isUp else { return }
    redis.stop()
    switch comeback {
    case .asItWas: break
    case .setBack: redis.rollBack()
    case .empty: redis.empty()
    }
    world.scheduler.after(world.milliseconds(5...3_000)) { [weak self] in
      guard let self, !redis.isUp else { return }
      redis.start()
    }
  }

  /// Redis returns to its state of some moments ago.
  private func rollBackRedis(killingHubs: Bool) {
    redis.save()
    world.scheduler.after(world.milliseconds(200...3_000)) { [weak self] in
      guard let self, redis.isUp else { return }
      if killingHubs { hubNames.forEach(killHub) }
      restartRedis(.setBack)
    }
  }
}
