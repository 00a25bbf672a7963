import EdgeCore
import Primitives
import TestSupport
import Testing
import Wire

/// Two hubs that die, lose Redis and skip in turn, with delays of their own: the result must be what Redis published,
/// once, in order.
struct HubMergePropertyTests {
  private struct Run {
    var history = History()
    var hubs: [ModelHub]
    var merge = HubMerge(hubCount: 2)
    var random: SeededGenerator
    var wanted: Set<TopicID>
    var later: [TopicID]
    var raw: [ScoreID] = []
    var firstRaw: Position?
    var delivered: [TopicEvent.Source: [TopicStamp]] = [:]
    var sums: [ScoreID: UInt64] = [:]
    var mirror = ScoreMirror()
    var topicAddedAt = 0
    var topicNumber = 0
    /// When the hub in trouble recovers.
    var trouble: (hub: Int, kind: Int, until: Int)?

    init(seed: UInt64) throws {
      random = SeededGenerator(seed: seed)
      hubs = [ModelHub(phase: 0), ModelHub(phase: Int.random(in: 0..<17, using: &random))]
      wanted = [try #require(TopicID("A"))]
      later = try ["B", "C", "D"].map { try #require(TopicID($0)) }
    }

    mutating func step(_ now: Int) throws {
      let names = ["A", "B", "C", "D"]
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let name = names.randomElement(using: &random) ?? "A"
        history.increment(try id(name))
        for _ in 0..<Int.random(in: 0...1, using: &random) {
          try history.publish(try #require(TopicID(name)))
        }
      }
      stepTrouble(now)
      if now < 5_000, Int.random(in: 0..<900, using: &random) == 0, let topic = later.popLast() {
        wanted.insert(topic)
        topicAddedAt = now
        topicNumber += 1
        merge.interestAdded()
        for hub in hubs.indices where hubs[hub].isUp {
          hubs[hub].want(
            [topic], number: topicNumber, from: now + Int.random(in: 0...30, using: &random))
        }
      }
      for hub in hubs.indices {
        if (now + hubs[hub].phase) % 17 == 0 {
          hubs[hub].tick(history, at: now, delay: Int.random(in: 0...12, using: &random))
        }
        try arrive(hub, now)
      }
      if now % 1_000 == 0 { merge.timePassed(now: moment(Int64(now))) }
      try take()
    }

    mutating func arrive(_ hub: Int, _ now: Int) throws {
      for arrival in hubs[hub].arrivals(at: now) {
        switch arrival {
        case .message(let message): merge.received(message, from: hub, now: moment(Int64(now)))
        case .confirmation(topicNumber): merge.interestConfirmed(by: hub)
        case .confirmation: break
        }
        try take()
      }
    }

    /// Only one hub at a time is in trouble, and only after both have been well, and known the whole interest, for a
    /// while.
    mutating func stepTrouble(_ now: Int) {
      if let current = trouble {
        guard now >= current.until else { return }
        switch current.kind {
        case 0: start(current.hub, now)
        case 1: hubs[current.hub].recover(history, at: now)
        default: hubs[current.hub].catchUp(history, at: now)
        }
        trouble = nil
      } else if hubs.allSatisfy({ $0.isHealthy && $0.upSince + 300 < now }), topicAddedAt + 100 < now,
        Int.random(in: 0..<200, using: &random) == 0
      {
        let hub = Int.random(in: 0...1, using: &random)
        let kind = Int.random(in: 0...2, using: &random)
        switch kind {
        case 0:
          hubs[hub].kill()
          merge.linkClosed(to: hub, now: moment(Int64(now)))
        case 1: hubs[hub].interrupt(history, at: now)
        default: hubs[hub].skip()
        }
        trouble = (hub, kind, now + Int.random(in: 1...400, using: &random))
      }
    }

    mutating func start(_ hub: Int, _ now: Int) {
      hubs[hub].start(history, at: now, wanting: wanted, number: topicNumber)
      merge.linkOpened(to: hub, now: moment(Int64(now)))
    }

    mutating func take() throws {
      for update in merge.takeMerged() {
        switch update {
        case .raw(let batch):
          if firstRaw == nil { firstRaw = batch.firstPosition }
          #expect(batch.firstPosition == (firstRaw ?? 0) + Position(raw.count), "positions go on")
          raw += batch.ids
        case .topicEvent(let event): delivered[event.source, default: []].append(event.stamp)
        case .totals(let totals): mirror.merge(totals)
        case .gap: break
        }
      }
      for growth in mirror.takeGrowth() ?? [] { sums[growth.id, default: 0] += growth.amount }
    }
  }

  @Test("Nothing is lost or doubled, whichever hub is in trouble", arguments: 0..<40)
  func nothingLost(seed: Int) throws {
    var run = try Run(seed: UInt64(seed))
    run.start(0, 0)
    run.start(1, 0)
    for now in 0..<6_000 { try run.step(now) }
    // Redis falls silent; messages on their way arrive.
    for now in 6_000..<6_200 {
      for hub in 0...1 {
        if (now + run.hubs[hub].phase) % 17 == 0 { run.hubs[hub].tick(run.history, at: now, delay: 0) }
        try run.arrive(hub, now)
      }
    }
    let first = try #require(run.firstRaw)
    #expect(run.raw == Array(run.history.ids[Int(first - 1)...]), "seed \(seed)")
    for (source, stamps) in run.delivered {
      let all = run.history.events.filter { $0.source == source }.map(\.stamp)
      #expect(stamps == Array(all.suffix(stamps.count)), "seed \(seed), \(source)")
    }
    #expect(run.delivered.count == run.wanted.count)
    let start = Position(run.history.ids.count) - run.sums.values.reduce(0, +)
    let before = Dictionary(uniqueKeysWithValues: run.history.totals(at: start).map { ($0.id, $0.total) })
    for total in run.history.totals(at: run.history.position) {
      #expect(run.sums[total.id, default: 0] == total.total - before[total.id, default: 0])
    }
  }
}
