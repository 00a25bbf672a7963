import Primitives
import TestSupport

/// A client of `eps`: what it receives while connected must equal the growth of its edge's totals (P1).
struct GrowthChecker: EventChecker {
  let name: String
  let target: String
  let world: World
  private var connection = 0
  private var sum: [ScoreID: UInt64] = [:]

  init(name: String, target: String, world: World) {
    self.name = name
    self.target = target
    self.world = world
  }

  var fields: String { "" }

  mutating func connected(_ connection: Int) {
    self.connection = connection
    sum = [:]
  }

  mutating func received(_ event: StreamEvent, from audit: Audit) {
    guard let growth = readScores(Array(event.data.utf8)), !growth.isEmpty, event.name == "message",
      event.id == nil
    else {
      return world.violated("P1", "\(name) got an event that is none of eps: \(event)")
    }
    guard let expected = audit.expected(of: connection) else { return }
    for (id, amount) in growth {
      sum[id, default: 0] += amount
      let told = sum[id] ?? 0
      if told > expected[id] ?? 0 {
        world.violated("P1", "\(name) was told \(told) of \(id), its edge grew by \(expected[id] ?? 0)")
      }
    }
  }

  func finished(_ audit: Audit) {
    let expected = audit.expected(of: connection) ?? [:]
    if sum != expected {
      let ids = expected.keys.filter { sum[$0] != expected[$0] }.sorted()
      world.violated("P1", "\(name) lacks growth of \(ids.map(\.description)) at the end")
    }
  }
}
