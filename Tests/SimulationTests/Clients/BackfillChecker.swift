import Primitives

/// A client of details that asks for the latest tweets first: each tweet once, in order, and without faults all of
/// them from the first one on.
struct BackfillChecker: EventChecker {
  let name: String
  let topic: String
  let target: String
  let world: World
  private var last: Int?
  private var told: Set<Int> = []
  private var missing = 0

  init(name: String, topic: String, count: Int, world: World) {
    self.name = name
    self.topic = topic
    self.world = world
    target = "/subscribe/details/\(topic)?backfill=\(count)"
  }

  var fields: String { "" }

  mutating func connected(_ connection: Int) {
    last = nil
    told = []
  }

  mutating func received(_ event: StreamEvent, from audit: Audit) {
    guard let number = tweetNumber(event.data) else {
      return world.violated("P2", "\(name) got a tweet that is none: \(event)")
    }
    if !told.insert(number).inserted, audit.isAtomic {
      world.violated("P2", "\(name) got tweet \(number) of \(topic) once more")
    }
    if let last {
      if last > number, audit.isOrderCertain {
        world.violated("P2", "\(name) got tweet \(number) of \(topic) behind \(last)")
      }
      missing += audit.tweets(of: topic, between: last, and: number)
    }
    last = number
  }

  func finished(_ audit: Audit) {
    guard audit.isFlawless else { return }
    let missing = missing + (last.map { audit.tweets(of: topic, between: $0, and: .max) } ?? 0)
    if missing > 0 {
      world.violated("P2", "\(name) lacks \(missing) tweets although nothing went wrong")
    }
  }
}
