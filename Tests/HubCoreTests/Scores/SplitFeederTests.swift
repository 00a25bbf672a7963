import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

/// Feeders, a Redis, a feed that breaks now and then, and a table with its fences, a millisecond at a time.
private struct World {
  /// The order of steps in which a feeder writes a score.
  enum Order: CaseIterable {
    case atomic
    case totalFirst
    case messageFirst
  }

  struct Feeder {
    let order: Order
    /// The id whose second command is due, and when.
    var open: (index: Int, time: Int)?
  }

  /// A fence whose totals are on their way to the table.
  struct Reading {
    var totals: [UInt64]
    var counted: [ScoreID: UInt64] = [:]
    let lineage: Lineage
    let arrival: Int
  }

  var random: SeededGenerator
  let ids: [ScoreID]
  var table = ScoreTable()
  var lineage: Lineage
  var redis: [UInt64]
  var feeders: [Feeder]
  var isFeeding = true
  var isConnected = true
  var reading: Reading?
  var time = 0
  var nextFence = 0
  var backwardsAt: [Int] = []
  /// The totals that an edge was sent, and how often it had to start from a snapshot within a lineage.
  var told: [ScoreID: UInt64] = [:]
  var corrections = 0

  init(seed: UInt64, orders: [Order]) throws {
    random = SeededGenerator(seed: seed)
    ids = try (0..<12).map { try ScoreID("id\($0)") }
    redis = ids.map { _ in 1 }
    lineage = Lineage(using: &random)
    feeders = orders.map { Feeder(order: $0) }
  }

  /// Simulates a millisecond.
  mutating func step() {
    time += 1
    for index in feeders.indices { feed(index) }
    guard isConnected else { return }
    if time.isMultiple(of: 17) { tell(table.takeFlush()) }
    if let reading, reading.arrival <= time { reconcile(reading) }
    guard reading == nil, time >= nextFence else { return }
    reading = Reading(totals: redis, lineage: lineage, arrival: time + Int.random(in: 0...4, using: &random))
  }

  private mutating func feed(_ number: Int) {
    let order = feeders[number].order
    if let (index, due) = feeders[number].open {
      guard due <= time else { return }
      order == .totalFirst ? publish(index) : count(index)
      feeders[number].open = nil
    } else if isFeeding, Int.random(in: 0..<4, using: &random) == 0 {
      let index = min(Int.random(in: 0..<12, using: &random), Int.random(in: 0..<12, using: &random))
      if order != .messageFirst { count(index) }
      if order != .totalFirst { publish(index) }
      if order != .atomic { feeders[number].open = (index, time + Int.random(in: 1...5, using: &random)) }
    }
  }

  private mutating func count(_ index: Int) { redis[index] += 1 }

  private mutating func publish(_ index: Int) {
    guard isConnected else { return }
    table.increment(ids[index])
    reading?.counted[ids[index], default: 0] += 1
  }

  private mutating func reconcile(_ reading: Reading) {
    self.reading = nil
    let totals = ids.indices.map {
      ScoreTotal(id: ids[$0], total: reading.totals[$0] + (reading.counted[ids[$0]] ?? 0))
    }
    let reconciliation = table.reconcile(lineage: reading.lineage, totals: totals, counted: reading.counted)
    if case .corrected(_, 1...) = reconciliation {
      corrections += 1
      told = [:]
    }
    switch reconciliation {
    case .began: told = [:]
    default: break
    }
    if told.isEmpty, let snapshot = table.snapshot().first {
      told = Dictionary(uniqueKeysWithValues: snapshot.entries.map { ($0.id, $0.total) })
    }
    switch reconciliation {
    case .wentBackwards:
      backwardsAt.append(time)
      lineage = Lineage(using: &random)
      nextFence = time
    default:
      let pace = table.fencePace
      let intervals: [FencePace: Int] = [
        .routine: 3_000, .settling: 1_000, .confirming: 50, .confirmation: 200,
      ]
      nextFence = time + (intervals[pace] ?? 0)
    }
  }

  /// An edge merges what it receives, by the greater total.
  private mutating func tell(_ flush: ScoreFlush?) {
    for entry in flush?.totals ?? [] { told[entry.id] = max(told[entry.id] ?? 0, entry.total) }
  }

  mutating func disconnect() {
    isConnected = false
    reading = nil
    tell(table.awaitFence())
  }

  mutating func connect() {
    isConnected = true
    nextFence = time
  }

  /// No feeder writes any more, and fences complete.
  mutating func settle() {
    isFeeding = false
    for _ in 0..<9_000 { step() }
  }

  func counted(_ index: Int) -> UInt64 {
    table.tracked.index(of: ids[index]).map { table.count(at: $0) } ?? 0
  }

  /// Whether an edge has exactly the totals in Redis.
  var isToldExactly: Bool { ids.indices.allSatisfy { told[ids[$0]] ?? 0 == redis[$0] } }
}

@Suite struct SplitFeederTests {
  private func mixture(_ seed: UInt64) -> [World.Order] {
    let orders: [[World.Order]] = [[.totalFirst], [.messageFirst], [.totalFirst, .messageFirst, .atomic]]
    return (0..<6).map { orders[Int(seed % 3)][$0 % orders[Int(seed % 3)].count] }
  }

  @Test(
    "Feeders with two commands cost no lineage; once they rest, everything sent is exact",
    arguments: 1...24 as ClosedRange<UInt64>)
  func splitFeeders(seed: UInt64) throws {
    var world = try World(seed: seed, orders: mixture(seed))
    for _ in 0..<8_000 { world.step() }
    #expect(!world.table.isFeederAtomic, "seed \(seed)")
    for _ in 0..<4 {
      world.disconnect()
      for _ in 0..<Int.random(in: 30...300, using: &world.random) { world.step() }
      world.connect()
      for _ in 0..<Int.random(in: 300...5_000, using: &world.random) { world.step() }
    }
    world.settle()
    #expect(world.backwardsAt == [], "seed \(seed)")
    for index in world.ids.indices { #expect(world.counted(index) == world.redis[index], "seed \(seed)") }
    #expect(world.table.fencePace == .routine, "seed \(seed)")

    #expect(world.table.position == world.redis.reduce(0, +), "seed \(seed)")
    #expect(world.isToldExactly, "seed \(seed)")
  }

  @Test(
    "Feeders that send the message first cost no lineage before they are recognised either",
    arguments: 1...24 as ClosedRange<UInt64>)
  func unrecognised(seed: UInt64) throws {
    var world = try World(seed: seed, orders: Array(repeating: .messageFirst, count: 4))
    for _ in 0..<8 {
      for _ in 0..<Int.random(in: 1...50, using: &world.random) { world.step() }
      world.disconnect()
      for _ in 0..<Int.random(in: 1...30, using: &world.random) { world.step() }
      world.connect()
    }
    world.settle()
    #expect(world.backwardsAt == [], "seed \(seed)")
    for index in world.ids.indices { #expect(world.counted(index) == world.redis[index], "seed \(seed)") }
    #expect(world.isToldExactly, "seed \(seed)")
  }

  @Test(
    "An atomic feeder never shows drift, and losses of an interruption are repaired once and exactly",
    arguments: 1...12 as ClosedRange<UInt64>)
  func atomicFeeders(seed: UInt64) throws {
    var world = try World(seed: seed, orders: Array(repeating: .atomic, count: 6))
    for _ in 0..<8 {
      for _ in 0..<Int.random(in: 10...4_000, using: &world.random) { world.step() }
      world.disconnect()
      for _ in 0..<Int.random(in: 1...300, using: &world.random) { world.step() }
      world.connect()
    }
    world.settle()
    #expect(world.table.isFeederAtomic && world.corrections == 0 && world.isToldExactly, "seed \(seed)")
    #expect(world.backwardsAt == [], "seed \(seed)")
    #expect(world.table.position == world.redis.reduce(0, +), "seed \(seed)")
    let ledger = world.table.ledger
    #expect(ledger.repairedWhileConnected == 0 && ledger.overcounted == 0, "seed \(seed)")
    #expect(ledger.repairedAtReconnect > 0, "seed \(seed)")
  }

  @Test("The next fence finds a rollback, with any feeder", arguments: 1...12 as ClosedRange<UInt64>)
  func rollback(seed: UInt64) throws {
    var world = try World(
      seed: seed, orders: seed % 2 == 0 ? Array(repeating: .atomic, count: 6) : mixture(seed))
    for _ in 0..<5_000 { world.step() }
    let earlier = world.redis
    for _ in 0..<5_000 { world.step() }
    world.nextFence = world.time
    for _ in 0..<5 { world.step() }
    world.redis = earlier
    world.nextFence = world.time + 500
    let start = world.time
    for _ in 0..<1_500 where world.backwardsAt.isEmpty { world.step() }
    #expect(world.backwardsAt.count == 1, "seed \(seed)")
    #expect(world.time - start < 1_500, "seed \(seed)")
    world.settle()
    for index in world.ids.indices { #expect(world.counted(index) == world.redis[index], "seed \(seed)") }
  }
}
