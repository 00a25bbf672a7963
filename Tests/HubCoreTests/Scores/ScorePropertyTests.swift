import HubCore
import Primitives
import TestSupport
import Testing
import Wire

/// A Redis of four ids, the hub's packer, and an edge that merges what it receives.
private struct World {
  let ids: [ScoreID]
  var random: SeededGenerator
  var now = Instant.origin

  var redis: [UInt64] = [0, 0, 0, 0]
  var redisLineage: Lineage
  var isConnected = false
  /// The number of increments that Redis ever counted, over all lineages.
  var happened: UInt64 = 0
  /// Raw ids that reached the hub, with their true position in Redis if that can be known.
  var arrived: [(id: ScoreID, position: Position?)] = []
  var unfenced = 0
  /// Whether Redis was emptied and the hub has not noticed.
  var isForeign = false
  /// The totals in Redis at the last fence.
  var fenced: [UInt64] = [0, 0, 0, 0]

  var packer = ScorePacker(start: .origin)
  var mirror = TotalsTable()
  var mirrorLineage: Lineage?
  var mirrorPosition: Position = 0
  var baseline: UInt64?
  var seen: UInt64 = 0
  var raw: [(id: ScoreID, position: Position)] = []

  init(seed: UInt64) throws {
    ids = try ["1F431", "1F436", "1F989", "1F98A"].map { try ScoreID($0) }
    random = SeededGenerator(seed: seed)
    redisLineage = Lineage(using: &random)
  }

  mutating func score() {
    // If all totals grew beyond those of the last fence, it is impossible to notice that they were emptied in
    // between.
    let index = Int.random(in: isForeign ? 1..<4 : 0..<4, using: &random)
    redis[index] += 1
    happened += 1
    guard isConnected else { return }
    packer.incremented(ids[index], now: now)
    arrived.append((ids[index], isForeign ? nil : redis.reduce(0, +)))
    unfenced += 1
  }

  mutating func tick() {
    now = packer.deadline ?? now.advanced(by: .milliseconds(3))
    if let flush = packer.tickHit(now: now) { mirror(flush) }
  }

  mutating func disconnect() {
    guard !isForeign else { return }
    isConnected = false
    // Ids on a connection that was lost before its fence have no known place: no raw client sees them.
    if packer.table.standing == .awaitingFence { arrived.removeLast(unfenced) }
    unfenced = 0
    if let flush = packer.feedInterrupted() { mirror(flush) }
  }

  mutating func connect() {
    isConnected = true
  }

  mutating func fence() {
    guard isConnected else { return }
    let truth = ids.indices.shuffled(using: &random).filter { redis[$0] > 0 }
      .map { ScoreTotal(id: ids[$0], total: redis[$0]) }
    switch packer.fenced(lineage: redisLineage, totals: truth, now: now) {
    case .undecided where packer.table.isInDoubt:
      // No edge gets it before another fence has confirmed it.
      return fence()
    case .confirmed, .repaired, .undecided, .explained, .corrected: takeSnapshot()
    case .began(let closing):
      if let closing { mirror(closing) }
      isForeign = false
      return fence()
    case .wentBackwards:
      redisLineage = Lineage(using: &random)
      fence()
      return
    }
    unfenced = 0
    fenced = redis
  }

  /// The guarantee is for a hub that stays connected: increments lost before or while Redis is emptied are lost for
  /// good.
  mutating func emptyRedis() {
    guard isConnected, !isForeign, fenced[0] > 0, packer.table.standing == .anchored else { return }
    redis = [0, 0, 0, 0]
    isForeign = true
    // Redis is emptied altogether, or only its sorted set.
    if Bool.random(using: &random) { redisLineage = Lineage(using: &random) }
  }

  mutating func restartHub() {
    guard !isForeign else { return }
    packer = ScorePacker(start: now)
    isConnected = false
    unfenced = 0
    // The new hub's snapshot repairs what the old hub had not flushed, but those raw ids are lost.
    arrived.removeLast(arrived.count - raw.count)
  }

  /// An edge that needs a snapshot gets one as soon as possible.
  private mutating func takeSnapshot() {
    guard let snapshot = packer.table.snapshot().first else { return }
    if mirrorLineage != snapshot.lineage {
      if baseline == nil { baseline = happened }
      mirrorLineage = snapshot.lineage
      mirror.removeAll()
      merge(snapshot.entries, isBaseline: true)
    } else {
      merge(snapshot.entries, isBaseline: false)
    }
    mirrorPosition = snapshot.position
  }

  private mutating func mirror(_ flush: ScoreFlush) {
    merge(flush.totals, isBaseline: false)
    mirrorPosition = flush.position
    for run in flush.raw {
      for (offset, id) in run.ids.enumerated() { raw.append((id, run.firstPosition + Position(offset))) }
    }
  }

  private mutating func merge(_ totals: [ScoreTotal], isBaseline: Bool) {
    for entry in totals {
      guard let index = mirror.intern(entry.id) else { continue }
      let growth = mirror.merge(entry.total, at: index)
      if !isBaseline { seen += growth }
    }
  }
}

@Suite struct ScorePropertyTests {
  @Test(
    "A merging mirror sees each increment exactly once, whatever happens",
    arguments: 1...150 as ClosedRange<UInt64>)
  func exactlyOnce(seed: UInt64) throws {
    var world = try World(seed: seed)
    for _ in 0..<Int.random(in: 0...40, using: &world.random) { world.score() }
    world.connect()
    for _ in 0..<Int.random(in: 0...3, using: &world.random) { world.score() }
    world.fence()

    for _ in 0..<400 {
      switch Int.random(in: 0..<100, using: &world.random) {
      case 0..<60: world.score()
      case 60..<82: world.tick()
      case 82..<88: world.disconnect()
      case 88..<96: world.isConnected ? world.fence() : world.connect()
      case 96..<98: world.restartHub()
      default: world.emptyRedis()
      }
      // The edge's totals always cover the position that it believes.
      #expect(world.mirrorPosition == world.mirror.sum, "seed \(seed)")
    }

    if !world.isConnected { world.connect() }
    world.fence()
    world.tick()
    let baseline = try #require(world.baseline)
    #expect(world.seen == world.happened - baseline, "seed \(seed)")
    #expect(world.packer.table.position == world.redis.reduce(0, +), "seed \(seed)")

    #expect(world.raw.map(\.id) == world.arrived.map(\.id), "seed \(seed)")
    for (told, came) in zip(world.raw, world.arrived) {
      if let position = came.position { #expect(told.position == position, "seed \(seed)") }
    }
  }
}
