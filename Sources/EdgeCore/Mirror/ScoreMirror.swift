import Primitives
import Wire

/// The growth of one id.
package struct ScoreGrowth: Equatable, Sendable {
  /// The id that was scored.
  package let id: ScoreID
  /// How often it was scored since clients were last sent growth; never 0.
  package let amount: UInt64

  /// Growth of one id.
  package init(id: ScoreID, amount: UInt64) {
    self.id = id
    self.amount = amount
  }
}

/// The edge's copy of the hub's totals, and its growth since clients were last sent any.
///
/// Merging takes the greater total, so it does not matter how often, or over how many links, a total arrives: a lost
/// link needs no replay, and missed changes appear as one growth. The first snapshot of a new lineage is the
/// starting point, not growth. Totals that turn out to be held by no hub are taken back
/// (``takeBack(_:)``), and clients start from a snapshot again.
///
/// Invariants: the totals are at any time exactly those of ``position``, and clients have been sent exactly the
/// totals at ``published``. The position is the sum of the totals, plus the increments of untracked ids.
package struct ScoreMirror: Sendable {
  /// Growth that clients were not sent before they start over.
  package struct Farewell: Equatable, Sendable {
    /// The last place that it reaches; nil where something is taken back: identified streams then get no growth
    /// before clients start over.
    package let end: ResumeToken?
    /// The remaining growth.
    package let growth: [ScoreGrowth]
  }

  /// A point where clients start over: sums from before it are void.
  package struct Beginning: Equatable, Sendable {
    /// The number of this beginning.
    package internal(set) var number: UInt64 = 0
    /// True if the lineage stays the same, because the edge had sent clients more than Redis holds.
    package internal(set) var isCorrection = false
  }

  var table = TotalsTable()
  private var growths: [UInt64] = []
  private var grown = DenseIndexSet()
  private var untracked: [ScoreGrowth] = []
  private var history = GrowthHistory(start: 0, check: nil)
  private var publishedPosition: Position = 0
  private var publishedChecksum: Checksum?
  private var farewells: [Farewell] = []
  /// Whether places have a check. Without it, places of clients are not compared with the totals either.
  var givesChecks = true

  /// The lineage of the totals; nil before the first snapshot.
  package private(set) var lineage: Lineage?
  /// The position up to which the totals are complete.
  package private(set) var position: Position = 0
  /// The last beginning.
  package private(set) var beginning = Beginning()

  /// A mirror without totals.
  package init() {}

  /// The place up to which clients were sent everything; nil before the first snapshot.
  package var published: ResumeToken? {
    lineage.map {
      ResumeToken(lineage: $0, position: publishedPosition, check: checksum(at: publishedPosition)?.check)
    }
  }

  /// The place of the totals; nil before the first snapshot.
  package var reached: ResumeToken? { lineage.map { ResumeToken(lineage: $0, position: position) } }

  /// The checksum of the totals; nil if the position includes increments of untracked ids, which no totals contain.
  var checksum: Checksum? { givesChecks && table.sum == position ? table.checksum : nil }

  /// The checksum at a position, if it is the one that the totals have reached or that clients were sent.
  func checksum(at place: Position) -> Checksum? {
    if place == position { return checksum }
    return givesChecks && place == publishedPosition ? publishedChecksum : nil
  }

  // MARK: Merging

  /// Merges a whole snapshot or flush.
  package mutating func merge(_ totals: MergedTotals) {
    guard totals.lineage == lineage else { return begin(totals) }
    var changes: [GrowthHistory.Change] = []
    changes.reserveCapacity(totals.isSnapshot ? 0 : totals.entries.count)
    for entry in totals.entries {
      guard let (index, growth) = merged(entry), growth > 0 else { continue }
      while growths.count <= index { growths.append(0) }
      growths[index] += growth
      grown.insert(index)
      changes.append(GrowthHistory.Change(index: UInt32(index), amount: growth))
    }
    for entry in totals.untracked where entry.delta > 0 {
      untracked.append(ScoreGrowth(id: entry.id, amount: entry.delta))
    }
    let reached = max(position, totals.position, table.sum)
    guard reached > position || !changes.isEmpty else { return }
    position = reached
    history.append(changes, reaching: position, check: checksum?.check)
  }

  private mutating func begin(_ totals: MergedTotals) {
    if let lineage {
      // Growth that clients were not sent yet did happen, so it is still to be sent.
      let end = ResumeToken(lineage: lineage, position: position, check: checksum?.check)
      if let growth = takeGrowth() { farewells.append(Farewell(end: end, growth: growth)) }
      table.removeAll()
      position = 0
      beginning.number += 1
      beginning.isCorrection = false
    }
    lineage = totals.lineage
    for entry in totals.entries { _ = merged(entry) }
    position = max(totals.position, table.sum)
    start()
  }

  /// Clients are sent nothing from before this place.
  private mutating func start() {
    publishedPosition = position
    publishedChecksum = checksum
    history = GrowthHistory(start: position, check: publishedChecksum?.check)
  }

  private mutating func merged(_ entry: ScoreTotal) -> (index: Int, growth: UInt64)? {
    table.intern(entry.id).map { ($0, table.merge(entry.total, at: $0)) }
  }

  // MARK: Taking back

  /// By index, how far each total exceeds the greatest total that a hub holds.
  ///
  /// - Parameter hubs: the totals of the hubs that count.
  func excess(over hubs: [TotalsTable]) -> [Int: UInt64] {
    var excess: [Int: UInt64] = [:]
    for index in table.ids.indices where table.totals[index] > 0 {
      let held = hubs.reduce(0) { max($0, $1[table.ids[index]]) }
      if table.totals[index] > held { excess[index] = table.totals[index] - held }
    }
    return excess
  }

  /// Lowers totals, by index, and makes clients start over within the lineage.
  mutating func takeBack(_ excess: [Int: UInt64]) {
    guard lineage != nil, !excess.isEmpty else { return }
    for (index, amount) in excess {
      let fall = table.lower(amount, at: index)
      position -= min(fall, position)
      // Growth that clients were not sent yet need not be taken back.
      if index < growths.count { growths[index] -= min(fall, growths[index]) }
    }
    if let growth = takeGrowth() { farewells.append(Farewell(end: nil, growth: growth)) }
    beginning.number += 1
    beginning.isCorrection = true
    start()
  }

  // MARK: New

  /// Whether there is growth that has not been taken out.
  package var hasGrown: Bool { !grown.isEmpty || !untracked.isEmpty || !farewells.isEmpty }

  /// Takes out the remaining growth from before clients start over.
  package mutating func takeFarewells() -> [Farewell] {
    defer { farewells = [] }
    return farewells
  }

  /// Takes out the growth since the last call, each id once; nil if there is none. With it, clients are sent
  /// everything up to ``position``.
  package mutating func takeGrowth() -> [ScoreGrowth]? {
    publishedPosition = position
    publishedChecksum = checksum
    guard !grown.isEmpty || !untracked.isEmpty else { return nil }
    var result: [ScoreGrowth] = []
    result.reserveCapacity(grown.count + untracked.count)
    for index in grown.members where growths[index] > 0 {
      result.append(ScoreGrowth(id: table.ids[index], amount: growths[index]))
      growths[index] = 0
    }
    if !untracked.isEmpty {
      // An id may be in both, or occur twice, but an event must name it once.
      var sum = GrowthSum()
      sum.add(result)
      sum.add(untracked)
      result = sum.growth
    }
    grown.removeAll()
    untracked.removeAll(keepingCapacity: true)
    return result.isEmpty ? nil : result
  }

  // MARK: The past

  /// The totals at ``published``, without zeros.
  package var publishedTotals: [(ScoreID, UInt64)] {
    table.ids.indices.compactMap { index in
      let total = publishedTotal(at: index)
      return total > 0 ? (table.ids[index], total) : nil
    }
  }

  private func publishedTotal(at index: Int) -> UInt64 {
    table.totals[index] - (index < growths.count ? growths[index] : 0)
  }

  /// The growth between each of some places and ``published``; nothing for a place that is unknown or too old. Ids without
  /// a total are not included.
  ///
  /// - Returns: by position, with the check of the totals there: ``Primitives/ResumeToken/check``.
  func growth(since places: Set<Position>) -> [Position: KnownPlace] {
    var result: [Position: KnownPlace] = [:]
    history.walkBack(to: places.sorted(by: >), from: publishedPosition, idCount: table.count) {
      place, check, changes in
      result[place] = KnownPlace(
        check: check, growth: changes.map { ScoreGrowth(id: table.ids[Int($0.index)], amount: $0.amount) })
    }
    return result
  }

  /// The growth between a place and ``published``, computed from the totals at that place.
  package func growth(since past: [ScoreID: UInt64]) -> [ScoreGrowth] {
    table.ids.indices.compactMap { index in
      let (total, earlier) = (publishedTotal(at: index), past[table.ids[index]] ?? 0)
      return total > earlier ? ScoreGrowth(id: table.ids[index], amount: total - earlier) : nil
    }
  }

  /// Forgets what is too old to be requested. To be called about every second.
  package mutating func age(at now: Instant) { history.age(at: now) }
}

/// A place of the past, as far as the edge remembers it.
struct KnownPlace: Equatable, Sendable {
  /// The check of the totals there; nil if it is not known.
  let check: UInt32?
  /// The growth since.
  let growth: [ScoreGrowth]
}
