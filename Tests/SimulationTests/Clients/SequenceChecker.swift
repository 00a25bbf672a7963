import EdgeCore
import Primitives

/// A client of raw or details: events in order, never repeated, and gaps only where they are counted (P2).
struct SequenceChecker: EventChecker {
  let name: String
  let target: String
  let kind: StreamKind
  let world: World
  private var connection = 0
  /// The client's index among the items of its worker; nil before its first event.
  private var place: Int?

  init(name: String, kind: StreamKind, world: World) {
    self.name = name
    self.kind = kind
    self.world = world
    target = StreamOptions.none.path(of: kind)
  }

  var fields: String { "" }

  mutating func connected(_ connection: Int) {
    self.connection = connection
    place = nil
  }

  mutating func received(_ event: StreamEvent, from audit: Audit) {
    guard let record = audit.record(of: connection), let start = audit.start(of: connection) else { return }
    let items = record.items[kind] ?? []
    let from = place ?? start
    guard let index = items[from...].firstIndex(where: { $0.utf8.elementsEqual(event.data.utf8) }) else {
      return world.violated("P2", "\(name) got \(event.data), which does not follow what it had")
    }
    record.missing += UInt64(index - from)
    place = index + 1
  }

  func finished(_ audit: Audit) {
    guard let record = audit.record(of: connection), let start = audit.start(of: connection) else { return }
    record.missing += UInt64((record.items[kind]?.count ?? 0) - (place ?? start))
    let skipped = record.counters.eventsSkipped
    if record.missing > skipped {
      world.violated(
        "P2", "\(name)'s worker: clients lack \(record.missing) events, counted are \(skipped)")
    }
  }
}
