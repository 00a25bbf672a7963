import Foundation
import Primitives
import TestSupport

/// The accounts of one client of `eps`: it adds up what it receives, and checks the consistency of every single
/// event.
///
/// A client that resumes knows all totals and their position, and a position is the sum of all totals. So an
/// increment that is lost or doubled shows at the very event where it happens.
struct GrowthLedger: Sendable {
  /// The kind of the client's stream.
  enum Form: Equatable, Sendable {
    /// Growth only, on one connection; the totals are those from before it connected.
    case plain(since: [ScoreID: UInt64])
    /// A snapshot, growth with its positions, and the missed growth after a reconnection.
    case resuming
  }

  /// How the totals of a client differ from the truth.
  struct Balance: Equatable {
    /// Increments that it never received.
    var lost: UInt64 = 0
    /// Increments that it received although they never happened.
    var doubled: UInt64 = 0
  }

  let form: Form
  /// The client's totals.
  private(set) var totals: [ScoreID: UInt64] = [:]
  /// The `Last-Event-ID` for its next connection; empty before its first snapshot.
  private(set) var token = ""
  /// The number of events with growth.
  private(set) var eventCount = 0
  /// The number of snapshots.
  private(set) var snapshotCount = 0
  /// How often it reconnected and received exactly what it had missed.
  private(set) var resumptionCount = 0
  /// How often its place was unknown, or the lineage ended, by reason.
  private(set) var resets: [String: Int] = [:]
  /// The lineages of all its places.
  private(set) var lineages: Set<Lineage> = []
  /// The first few broken promises.
  private(set) var violations: [String] = []

  private var place: ResumeToken?
  private var isResuming = false
  private var awaitsSnapshot = false

  init(_ form: Form) {
    self.form = form
    if case .plain(let totals) = form { self.totals = totals }
  }

  var sum: UInt64 { totals.values.reduce(0, +) }

  /// A connection begins.
  mutating func connectionOpened() {
    isResuming = place != nil
    awaitsSnapshot = place == nil && form == .resuming
  }

  /// An event arrived.
  mutating func received(_ event: ServerSentEvent) {
    switch event.name {
    case "message": grew(event)
    case "snapshot" where form == .resuming: tookSnapshot(event)
    case "reset" where form == .resuming: wasReset(event)
    case "position" where form == .resuming: wasToldPosition(event)
    default: violated("an event named \(event.name)")
    }
  }

  /// The bytes so far were parsed: the number of blocks without data, and whether the chunks were malformed.
  mutating func looked(emptyBlocks: Int, isMisframed: Bool = false) {
    if isMisframed { violated("a chunk that ends where it may not, at \(token)") }
    if emptyBlocks > 0 { violated("a block without data, at \(token)") }
  }

  /// What the totals lack, and what they have in excess.
  func balance(against truth: [ScoreID: UInt64]) -> Balance {
    Set(truth.keys).union(totals.keys).reduce(into: Balance()) { balance, id in
      let (mine, theirs) = (totals[id, default: 0], truth[id, default: 0])
      if mine < theirs { balance.lost += theirs - mine } else { balance.doubled += mine - theirs }
    }
  }

  private mutating func grew(_ event: ServerSentEvent) {
    guard let growth = numbers(event) else { return }
    if awaitsSnapshot { return violated("growth where a snapshot is due: \(event.text.prefix(100))") }
    for (id, amount) in growth { totals[id, default: 0] += amount }
    eventCount += 1
    guard form == .resuming else {
      if !event.id.isEmpty { violated("the id \(event.id) in a stream that asked for none") }
      return
    }
    guard let next = ResumeToken(event.id.utf8) else { return violated("the id '\(event.id)'") }
    if let place, next.lineage != place.lineage { violated("\(event.id) follows \(token) without a reset") }
    if let place, next.position <= place.position { violated("\(event.id) follows \(token)") }
    move(to: next, event.id)
    answered()
  }

  private mutating func tookSnapshot(_ event: ServerSentEvent) {
    guard let snapshot = numbers(event) else { return }
    guard awaitsSnapshot else { return violated("a snapshot that nobody asked for, at \(event.id)") }
    guard let next = ResumeToken(event.id.utf8) else { return violated("the id '\(event.id)' of a snapshot") }
    awaitsSnapshot = false
    isResuming = false
    totals = snapshot
    snapshotCount += 1
    move(to: next, event.id)
  }

  /// A place without growth must be the present one.
  private mutating func wasToldPosition(_ event: ServerSentEvent) {
    guard numbers(event) == [:], ResumeToken(event.id.utf8) == place, !awaitsSnapshot else {
      return violated("the position \(event.id) came, at \(token)")
    }
    answered()
  }

  private mutating func wasReset(_ event: ServerSentEvent) {
    struct Reset: Decodable { let reason: String }
    let reset = try? JSONDecoder().decode(Reset.self, from: Data(event.data))
    guard let reset else { return violated("the reset \(event.text)") }
    resets[reset.reason, default: 0] += 1
    awaitsSnapshot = true
    isResuming = false
  }

  private mutating func move(to next: ResumeToken, _ id: String) {
    place = next
    token = id
    lineages.insert(next.lineage)
    if sum != next.position { violated("totals of \(sum) at \(id)") }
    var checksum = Checksum()
    for (id, total) in totals { checksum.add(total, of: id.weight) }
    if let check = next.check, check != checksum.check { violated("other totals than those of \(id)") }
  }

  /// After a reconnection, the first event that is not a reset proves that nothing is missing.
  private mutating func answered() {
    if isResuming { resumptionCount += 1 }
    isResuming = false
  }

  private mutating func numbers(_ event: ServerSentEvent) -> [ScoreID: UInt64]? {
    let numbers = readScores(event.data)
    if numbers == nil { violated("the data \(event.text.prefix(100))") }
    return numbers
  }

  private mutating func violated(_ what: String) {
    if violations.count < 5 { violations.append(what) }
  }
}
