import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

/// The history of a table in its simplest form: every state that it ever had, and every increment between them.
private struct History {
  struct State {
    var position: Position
    var totals: [ScoreID: UInt64]
  }

  /// Nil stands for a repair.
  var steps: [ScoreID?] = []
  /// One more than the number of steps.
  var states: [State] = [State(position: 0, totals: [:])]
  /// The number of steps when repairs began to be held back.
  var heldFrom: Int?
  var isCutWhileHeld = false

  mutating func increment(_ id: ScoreID) {
    var state = states[states.count - 1]
    state.position += 1
    state.totals[id, default: 0] += 1
    steps.append(id)
    states.append(state)
  }

  /// Forgets all states but the present one.
  mutating func cut(_ state: State) {
    steps = []
    states = [state]
    if heldFrom != nil { heldFrom = 0 }
    isCutWhileHeld = heldFrom != nil
  }

  /// Adds growth in front of all increments that were held.
  mutating func repair(_ growth: [ScoreID: UInt64]) {
    let place = heldFrom ?? steps.count
    let held = steps[place...]
    steps.removeSubrange(place...)
    states.removeSubrange((place + 1)...)
    var state = states[place]
    for (id, amount) in growth {
      state.position += amount
      state.totals[id, default: 0] += amount
    }
    if isCutWhileHeld {
      states = [state]
    } else if !growth.isEmpty {
      steps.append(nil)
      states.append(state)
    }
    heldFrom = nil
    isCutWhileHeld = false
    for id in held { if let id { increment(id) } }
  }

  /// The ids after a state, at their positions.
  func order(after index: Int) -> [(Position, ScoreID)] {
    (index..<steps.count).compactMap { step in steps[step].map { (states[step + 1].position, $0) } }
  }
}

@Suite struct OrderRingPropertyTests {
  @Test(
    "The table knows the totals of every state in its window, whatever happens, and of no other position",
    arguments: 1...120 as ClosedRange<UInt64>)
  func history(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let capacity = [4, 16, 64][Int(seed % 3)]
    let ids = try (0..<6).map { try ScoreID("id-\($0)") }
    var lineage = Lineage(using: &random)
    var packer = ScorePacker(
      table: ScoreTable(maximumCount: seed.isMultiple(of: 5) ? 5 : 6, orderMaximum: capacity), start: .origin)
    var now = Instant.origin
    var history = History()
    var untracked: [ScoreID: UInt64] = [:]
    for _ in 1...2 { _ = packer.fenced(lineage: lineage, totals: [], now: now) }

    for step in 0..<300 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<80:
        let id = ids[Int.random(in: ids.indices, using: &random)]
        let before = packer.table.untrackedIncrements
        packer.incremented(id, now: now)
        if packer.table.untrackedIncrements == before {
          history.increment(id)
        } else {
          untracked[id, default: 0] += 1
          history.cut(state(of: packer.table))
        }
      case 80..<86:
        _ = packer.feedInterrupted()
        if let held = history.heldFrom {
          // Increments since the last interruption are not known to be the last ones.
          if held < history.steps.count { history.cut(state(of: packer.table)) }
        } else {
          history.heldFrom = history.steps.count
        }
      case 86..<94:
        // A fence that finds a little more than was counted, if the feed had been interrupted.
        var growth: [ScoreID: UInt64] = [:]
        for id in packer.table.tracked.ids
        where history.heldFrom != nil && Int.random(in: 0..<3, using: &random) == 0 {
          growth[id] = UInt64.random(in: 1...3, using: &random)
        }
        let totals = packer.table.tracked.ids.map {
          ScoreTotal(id: $0, total: packer.table.tracked[$0] + (growth[$0] ?? 0))
        }
        history.repair(growth)
        let fenced = totals + untracked.map { ScoreTotal(id: $0.key, total: $0.value) }
        for _ in 1...2 { _ = packer.fenced(lineage: lineage, totals: fenced, now: now) }
      case 94..<96:
        lineage = Lineage(using: &random)
        untracked = [:]
        for _ in 1...2 {
          _ = packer.fenced(lineage: lineage, totals: [ScoreTotal(id: ids[0], total: 7)], now: now)
        }
        history = History()
        history.cut(state(of: packer.table))
      default:
        break
      }
      now = packer.deadline ?? now
      _ = packer.tickHit(now: now)
      if history.heldFrom == nil {
        guard step.isMultiple(of: 5) else { continue }
        try check(packer.table, history, lineage, capacity: capacity, "seed \(seed)")
      } else {
        #expect(!packer.table.knows(ResumeToken(lineage: lineage, position: history.states[0].position)))
      }
    }
  }

  private func state(of table: ScoreTable) -> History.State {
    var totals: [ScoreID: UInt64] = [:]
    for (id, total) in zip(table.tracked.ids, table.tracked.totals) where total > 0 { totals[id] = total }
    return History.State(position: table.position, totals: totals)
  }

  private func check(
    _ table: ScoreTable, _ history: History, _ lineage: Lineage, capacity: Int, _ comment: Comment
  ) throws {
    // The window ends where more increments follow than the ring holds.
    var known: [Position: Int] = [:]
    var following = 0
    for index in history.states.indices.reversed() {
      if following <= capacity { known[history.states[index].position] = index }
      if index > 0, history.steps[index - 1] != nil { following += 1 }
    }
    let first = history.states[0].position
    let asked = (max(first, 3) - 3)...(table.position + 3)
    let told = asked.filter { table.knows(ResumeToken(lineage: lineage, position: $0)) }
    #expect(told == known.keys.sorted(), comment)

    var past: [Position: [ScoreID: UInt64]] = [:]
    table.rewind(to: told) { position, totals in
      past[position] = Dictionary(uniqueKeysWithValues: totals.map { ($0.id, $0.total) })
    }
    for (position, index) in known {
      #expect(past[position] == history.states[index].totals, comment)
      let order = try #require(table.ids(after: position)).flatMap { run in
        run.ids.enumerated().map { (run.firstPosition + Position($0.offset), $0.element) }
      }
      let expected = history.order(after: index)
      #expect(order.map(\.0) == expected.map(\.0) && order.map(\.1) == expected.map(\.1), comment)
    }
    let other = try #require(Lineage("other"))
    #expect(!table.knows(ResumeToken(lineage: other, position: table.position)), comment)
  }
}
