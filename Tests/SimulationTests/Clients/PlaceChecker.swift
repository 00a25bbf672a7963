import Primitives
import TestSupport

/// A client of identified `eps`: each event must hold exactly what happened since the previous place, also across
/// connections and edges; with a snapshot, its totals must in the end be those of Redis.
struct PlaceChecker: EventChecker {
  let name: String
  let hasSnapshot: Bool
  /// Whether it gives its place in the query instead of the header.
  let usesQuery: Bool
  let world: World
  private let path: String
  private(set) var place: ResumeToken?
  /// The lineage that a reset ended.
  private var lineageLeft: Lineage?
  private var totals: [ScoreID: UInt64]?
  /// How often its sums were declared void although it knew its place.
  private var resets = 0

  init(name: String, rate: Int?, hasSnapshot: Bool, usesQuery: Bool, world: World) {
    self.name = name
    self.hasSnapshot = hasSnapshot
    self.usesQuery = usesQuery
    self.world = world
    path =
      "/subscribe/eps?resume=1" + (hasSnapshot ? "&snapshot=1" : "") + (rate.map { "&hz=\($0)" } ?? "")
  }

  var target: String { usesQuery ? place.map { "\(path)&last_event_id=\($0)" } ?? path : path }
  var fields: String { usesQuery ? "" : place.map { "Last-Event-ID: \($0)\r\n" } ?? "" }

  mutating func connected(_ connection: Int) {
    lineageLeft = nil
    if place != nil { world.happened(.resumption) }
  }

  mutating func received(_ event: StreamEvent, from audit: Audit) {
    if event.name == "reset" {
      world.happened(.reset)
      if !event.data.contains("unknown_position") { resets += 1 }
      world.note(name, "is reset at \(place?.description ?? "no place"): \(event.data)")
      lineageLeft = event.data.contains("new_lineage") ? place?.lineage : nil
      place = event.hasOwnID ? event.id.flatMap { ResumeToken($0.utf8) } : nil
      if let place, place.lineage == lineageLeft {
        world.violated("resume", "\(name) was reset for a new lineage, and is in the old one at \(place)")
      }
      totals = nil
      return
    }
    guard let next = event.id.flatMap({ ResumeToken($0.utf8) }) else {
      return world.violated("resume", "\(name) got an event without a place: \(event)")
    }
    guard let scores = readScores(Array(event.data.utf8)) else {
      return world.violated("resume", "\(name) got no scores: \(event)")
    }
    defer { place = next }
    if place == nil, next.lineage == lineageLeft {
      world.violated("resume", "\(name) was reset for a new lineage, and is in the old one at \(next)")
    }
    if event.name == "snapshot" {
      totals = scores
      checkSum(at: next)
      return audit.checkTotals(scores, at: next, who: name)
    }
    guard let place else {
      if event.name != "position" { world.violated("resume", "\(name) got growth before it knew from where") }
      return
    }
    guard place.lineage == next.lineage, place.position <= next.position else {
      return world.violated("resume", "\(name) went from \(place) to \(next)")
    }
    audit.check(scores, next.lineage, place.position..<next.position, who: name)
    for (id, amount) in scores { totals?[id, default: 0] += amount }
    checkSum(at: next)
  }

  /// Its totals must always match its place, whatever happens to Redis and whichever feeder writes.
  private func checkSum(at place: ResumeToken) {
    guard let totals else { return }
    let sum = totals.values.reduce(0, +)
    guard sum == place.position else {
      return world.violated("P1", "\(name) holds \(sum) at \(place)")
    }
    var checksum = Checksum()
    for (id, total) in totals { checksum.add(total, of: id.weight) }
    if let check = place.check, check != checksum.check {
      world.violated("P1", "\(name) holds other totals than its place says: \(place)")
    }
  }

  func finished(_ audit: Audit) {
    if audit.isAtomic, resets > audit.losses {
      world.violated("reset", "\(name) was reset \(resets) times for \(audit.losses) losses")
    }
    guard let place, audit.isPresent(place.position, of: place.lineage) else {
      return world.violated("resume", "\(name) ends at \(place?.description ?? "no place")")
    }
    guard hasSnapshot else { return }
    if !audit.isPresent(totals ?? [:]) {
      world.violated("P1", "\(name) ends with other totals than Redis")
    }
  }
}
