public import Primitives
import Wire

/// By how much one id grew.
public struct ScoreGrowth: Equatable, Sendable {
  /// What was scored.
  public let id: ScoreID
  /// How often, since it was last told; never 0.
  public let amount: UInt64

  /// A growth.
  public init(id: ScoreID, amount: UInt64) {
    self.id = id
    self.amount = amount
  }
}

/// The edge's copy of the hub's totals, and how much it has grown since that was last told to the clients.
///
/// Merging takes the greater total, so it does not matter how often, or over how many links, a total comes:
/// a lost link needs no replay, and what was missed comes out as one growth. Of a lineage that the edge did not
/// know, the first snapshot is where it starts: nothing of that is growth. What no hub turns out to hold is taken back
/// (``takeBack(_:)``), and clients start from a snapshot again.
///
/// Invariants: the totals are at any time exactly those of ``position``, and what clients were told is exactly that of
/// ``told``. The position is the sum of the totals, and what increments of untracked ids add to it.
public struct ScoreMirror: Sendable {
  /// What grew before clients were to start anew, and was not told yet.
  public struct Farewell: Equatable, Sendable {
    /// The last place that is reached with it; nil where something is taken back: then those that know their places are told
    /// nothing before they start anew.
    public let end: ResumeToken?
    /// What grew.
    public let growth: [ScoreGrowth]
  }

  /// Where clients start anew: all that they added up before is void.
  public struct Beginning: Equatable, Sendable {
    /// Counts beginnings: another number is another beginning.
    public internal(set) var number: UInt64 = 0
    /// True if it is within the lineage, since more was told than Redis holds.
    public internal(set) var isCorrection = false
  }

  var table = TotalsTable()
  private var growths: [UInt64] = []
  private var grown = DenseIndexSet()
  private var untracked: [ScoreGrowth] = []
  private var history = GrowthHistory(start: 0, check: nil)
  private var toldPosition: Position = 0
  private var toldChecksum: Checksum?
  private var farewells: [Farewell] = []

  /// The lineage of the totals; nil before the first snapshot.
  public private(set) var lineage: Lineage?
  /// Up to which increment the totals are known to be complete.
  public private(set) var position: Position = 0
  /// The last beginning.
  public private(set) var beginning = Beginning()

  /// A mirror that knows nothing yet.
  public init() {}

  /// Up to where clients were told; nil before the first snapshot.
  public var told: ResumeToken? {
    lineage.map { ResumeToken(lineage: $0, position: toldPosition, check: toldChecksum?.check) }
  }

  /// Where the totals stand; nil before the first snapshot.
  public var reached: ResumeToken? { lineage.map { ResumeToken(lineage: $0, position: position) } }

  /// What the totals consist of; nil if increments of untracked ids are part of the position, which no totals say.
  var checksum: Checksum? { table.sum == position ? table.checksum : nil }

  /// What the totals at a place consist of, if it is the one that they have reached, or that clients were told.
  func checksum(at place: Position) -> Checksum? {
    if place == position { return checksum }
    return place == toldPosition ? toldChecksum : nil
  }

  // MARK: Merging

  /// Merges all of a snapshot or of a flush.
  public mutating func merge(_ totals: MergedTotals) {
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
      // What has grown and was not told yet is still to be told: it happened.
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

  /// Clients are told of nothing before this place.
  private mutating func start() {
    toldPosition = position
    toldChecksum = checksum
    history = GrowthHistory(start: position, check: toldChecksum?.check)
  }

  private mutating func merged(_ entry: ScoreTotal) -> (index: Int, growth: UInt64)? {
    table.intern(entry.id).map { ($0, table.merge(entry.total, at: $0)) }
  }

  // MARK: Taking back

  /// What no hub holds of the totals, by index.
  ///
  /// - Parameter hubs: the totals of those hubs that may say so.
  func excess(over hubs: [TotalsTable]) -> [Int: UInt64] {
    var excess: [Int: UInt64] = [:]
    for index in table.ids.indices where table.totals[index] > 0 {
      let held = hubs.reduce(0) { max($0, $1[table.ids[index]]) }
      if table.totals[index] > held { excess[index] = table.totals[index] - held }
    }
    return excess
  }

  /// Lowers totals, by index, and has clients start anew within the lineage.
  mutating func takeBack(_ excess: [Int: UInt64]) {
    guard lineage != nil, !excess.isEmpty else { return }
    for (index, amount) in excess {
      let fall = table.lower(amount, at: index)
      position -= min(fall, position)
      // What was not told yet of it needs not be taken back.
      if index < growths.count { growths[index] -= min(fall, growths[index]) }
    }
    if let growth = takeGrowth() { farewells.append(Farewell(end: nil, growth: growth)) }
    beginning.number += 1
    beginning.isCorrection = true
    start()
  }

  // MARK: What is new

  /// Whether there is growth that was not taken out.
  public var hasGrown: Bool { !grown.isEmpty || !untracked.isEmpty || !farewells.isEmpty }

  /// Takes out what was left to be told where clients started anew.
  public mutating func takeFarewells() -> [Farewell] {
    defer { farewells = [] }
    return farewells
  }

  /// Takes out by how much each id grew since the last time, each id once; nil if none did. With that, clients are told
  /// everything up to ``position``.
  public mutating func takeGrowth() -> [ScoreGrowth]? {
    toldPosition = position
    toldChecksum = checksum
    guard !grown.isEmpty || !untracked.isEmpty else { return nil }
    var result: [ScoreGrowth] = []
    result.reserveCapacity(grown.count + untracked.count)
    for index in grown.members where growths[index] > 0 {
      result.append(ScoreGrowth(id: table.ids[index], amount: growths[index]))
      growths[index] = 0
    }
    if !untracked.isEmpty {
      // An id may be in both, or come twice, and an event must name it once.
      var sum = GrowthSum()
      sum.add(result)
      sum.add(untracked)
      result = sum.growth
    }
    grown.removeAll()
    untracked.removeAll(keepingCapacity: true)
    return result.isEmpty ? nil : result
  }

  // MARK: What was

  /// The totals at ``told``, without those that are 0.
  public var toldTotals: [(ScoreID, UInt64)] {
    table.ids.indices.compactMap { index in
      let total = toldTotal(at: index)
      return total > 0 ? (table.ids[index], total) : nil
    }
  }

  private func toldTotal(at index: Int) -> UInt64 {
    table.totals[index] - (index < growths.count ? growths[index] : 0)
  }

  /// What has grown between each of some places and ``told``; nothing for a place that is not known, or too old. Ids
  /// beyond those that totals are kept for are not in it.
  ///
  /// - Returns: by position, also what a token of that place says of the totals: ``Primitives/ResumeToken/check``.
  func growth(since places: Set<Position>) -> [Position: KnownPlace] {
    var result: [Position: KnownPlace] = [:]
    history.walkBack(to: places.sorted(by: >), from: toldPosition, idCount: table.count) {
      place, check, changes in
      result[place] = KnownPlace(
        check: check, growth: changes.map { ScoreGrowth(id: table.ids[Int($0.index)], amount: $0.amount) })
    }
    return result
  }

  /// What has grown between a place and ``told``, for the totals at that place.
  public func growth(since past: [ScoreID: UInt64]) -> [ScoreGrowth] {
    table.ids.indices.compactMap { index in
      let (total, earlier) = (toldTotal(at: index), past[table.ids[index]] ?? 0)
      return total > earlier ? ScoreGrowth(id: table.ids[index], amount: total - earlier) : nil
    }
  }

  /// Forgets what is too old to be asked for. To be called every second or so.
  public mutating func age(at now: Instant) { history.age(at: now) }
}

/// A place of the past, as far as the edge remembers it.
struct KnownPlace: Equatable, Sendable {
  /// What a token of it says of the totals; nil if that is not known.
  let check: UInt32?
  /// What has grown since.
  let growth: [ScoreGrowth]
}
