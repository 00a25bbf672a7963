public import Primitives
public import Wire

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
/// know, the first snapshot is where it starts: nothing of that is growth.
///
/// It goes from place to place: what a hub sends in parts counts once the last part is in (``FlushAssembly``). So the totals
/// are at any time exactly those of ``position``, and what clients were told is exactly that of ``told``.
public struct ScoreMirror: Sendable {
  /// What grew in a lineage before it ended, and was not told yet.
  public struct Farewell: Equatable, Sendable {
    /// The last place of the lineage.
    public let end: ResumeToken
    /// What grew.
    public let growth: [ScoreGrowth]
  }

  private var table = TotalsTable()
  private var growths: [UInt64] = []
  private var grown = DenseIndexSet()
  private var untracked: [ScoreGrowth] = []
  private var assembly = FlushAssembly()
  private var history = GrowthHistory(start: 0)
  private var toldPosition: Position = 0
  private var farewells: [Farewell] = []

  /// The lineage of the totals; nil before the first snapshot.
  public private(set) var lineage: Lineage?
  /// Up to which increment the totals are known to be complete.
  public private(set) var position: Position = 0

  /// A mirror that knows nothing yet.
  public init() {}

  /// Up to where clients were told; nil before the first snapshot.
  public var told: ResumeToken? { lineage.map { ResumeToken(lineage: $0, position: toldPosition) } }

  /// Where the totals stand; nil before the first snapshot.
  public var reached: ResumeToken? { lineage.map { ResumeToken(lineage: $0, position: position) } }

  // MARK: Merging

  /// Merges a snapshot, once its last part is in.
  public mutating func merge(_ snapshot: Snapshot) {
    guard let whole = assembly.add(snapshot) else { return }
    if whole.lineage != lineage { begin(whole) } else { merge(whole) }
  }

  /// Merges what changed, once all of a flush is in. Before the first snapshot it is not growth but part of the start.
  public mutating func merge(_ scores: Scores) {
    guard let whole = assembly.add(scores) else { return }
    if lineage == nil { start(with: whole) } else { merge(whole) }
  }

  private mutating func begin(_ whole: FlushAssembly.Whole) {
    if let lineage {
      // What has grown and was not told yet is still to be told: it happened.
      let end = ResumeToken(lineage: lineage, position: position)
      if let growth = takeGrowth() { farewells.append(Farewell(end: end, growth: growth)) }
      table.removeAll()
      position = 0
    }
    lineage = whole.lineage
    start(with: whole)
  }

  private mutating func start(with whole: FlushAssembly.Whole) {
    for entry in whole.entries { _ = merged(entry) }
    position = max(position, whole.position)
    toldPosition = position
    history = GrowthHistory(start: position)
  }

  private mutating func merge(_ whole: FlushAssembly.Whole) {
    var changes: [GrowthHistory.Change] = []
    changes.reserveCapacity(whole.lineage == nil ? whole.entries.count : 0)
    for entry in whole.entries {
      guard let (index, growth) = merged(entry), growth > 0 else { continue }
      while growths.count <= index { growths.append(0) }
      growths[index] += growth
      grown.insert(index)
      changes.append(GrowthHistory.Change(index: UInt32(index), amount: growth))
    }
    for entry in whole.untracked where entry.delta > 0 {
      untracked.append(ScoreGrowth(id: entry.id, amount: entry.delta))
    }
    guard whole.position > position || !changes.isEmpty else { return }
    position = max(position, whole.position)
    history.append(changes, reaching: position)
  }

  private mutating func merged(_ entry: ScoreTotal) -> (index: Int, growth: UInt64)? {
    table.intern(entry.id).map { ($0, table.merge(entry.total, at: $0)) }
  }

  // MARK: What is new

  /// Whether there is growth that was not taken out.
  public var hasGrown: Bool { !grown.isEmpty || !untracked.isEmpty || !farewells.isEmpty }

  /// Takes out what lineages that have ended left to be told.
  public mutating func takeFarewells() -> [Farewell] {
    defer { farewells = [] }
    return farewells
  }

  /// Takes out by how much each id grew since the last time, each id once; nil if none did. With that, clients are told
  /// everything up to ``position``.
  public mutating func takeGrowth() -> [ScoreGrowth]? {
    toldPosition = position
    guard !grown.isEmpty || !untracked.isEmpty else { return nil }
    var result: [ScoreGrowth] = []
    result.reserveCapacity(grown.count + untracked.count)
    for index in grown.members {
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
    return result
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
  public func growth(since places: Set<Position>) -> [Position: [ScoreGrowth]] {
    var result: [Position: [ScoreGrowth]] = [:]
    history.walkBack(to: places.sorted(by: >), from: toldPosition, idCount: table.count) { place, changes in
      result[place] = changes.map { ScoreGrowth(id: table.ids[Int($0.index)], amount: $0.amount) }
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
