import Primitives

/// A client of identified raw: each id must be the one that reached its place, in order and once, also across
/// connections and edges.
struct PlacedSequenceChecker: EventChecker {
  let name: String
  let world: World
  private let path = "/subscribe/raw?resume=1"
  private var place: ResumeToken?
  /// The lineage that a reset ended.
  private var lineageLeft: Lineage?
  private(set) var missing: UInt64 = 0

  init(name: String, world: World) {
    self.name = name
    self.world = world
  }

  var target: String { path }
  var fields: String { place.map { "Last-Event-ID: \($0)\r\n" } ?? "" }

  mutating func connected(_ connection: Int) { lineageLeft = nil }

  mutating func received(_ event: StreamEvent, from audit: Audit) {
    if event.name == "reset" {
      world.note(name, "is reset at \(place?.description ?? "no place"): \(event.data)")
      lineageLeft = event.data.contains("new_lineage") ? place?.lineage : nil
      place = event.hasOwnID ? event.id.flatMap { ResumeToken($0.utf8) } : nil
      if let place, place.lineage == lineageLeft {
        world.violated("resume", "\(name) was reset for a new lineage, and is in the old one at \(place)")
      }
      return
    }
    guard let next = event.id.flatMap({ ResumeToken($0.utf8) }) else {
      return world.violated("resume", "\(name) got an event without a place: \(event)")
    }
    defer { place = next }
    if place == nil, next.lineage == lineageLeft {
      world.violated("resume", "\(name) was reset for a new lineage, and is in the old one at \(next)")
    }
    guard event.name != "position" else { return }
    if let place {
      guard place.lineage == next.lineage, place.position < next.position else {
        return world.violated("P2", "\(name) went from \(place) to \(next)")
      }
      missing += next.position - place.position - 1
    }
    audit.check(event.data, at: next, who: name)
  }

  func finished(_ audit: Audit) {
    if audit.isFlawless, missing > 0 {
      world.violated("P2", "\(name) lacks \(missing) ids although nothing went wrong")
    }
  }
}
