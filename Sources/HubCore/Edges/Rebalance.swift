import Primitives

/// Spreads the fleet's clients evenly: plans, once a second, how many the fullest edges release.
///
/// Who is released comes back by the name that all edges share, so to any of them, the one it left among them. So nothing is
/// calculated ahead: each second it looks at the loads, and goes on until no edge is far from its share. A client that is on its
/// way counts as still there: the mean is that of the greatest number of clients seen lately.
///
/// - **The floor.** An edge releases down to a little below its share, within what counts as even. Down to the share itself would
///   take forever: the fewer are too many, the fewer of those that are released come to the edge that lacks them. Further down
///   would swing, where clients never come back to the edge that they left.
/// - **The pace.** Of an empty edge's share only one in as many as there are edges comes to it, so about everybody is released
///   once. That is spread over ``windowMinimum`` at least: a small fleet would else be released in one wave, below any rate.
///
/// It is a pure plan. Whoever performs it asks all edges for a report after each step, and has each edge release its part
/// spread over the second.
public struct Rebalance: Equatable, Sendable {
  /// How it is going.
  public enum State: String, Equatable, Sendable, CaseIterable {
    /// Nobody asked for it.
    case idle
    /// Clients are being released.
    case active
    /// The clients are spread evenly.
    case even
    /// So many were released that more would not help: they come back to where they were.
    case futile
    /// Somebody ended it.
    case ended
  }

  /// How many clients an edge has.
  public struct Load: Equatable, Sendable {
    /// The edge.
    public let node: NodeName
    /// Its clients, as it reported.
    public let clients: Int
    /// When that report came.
    public let reportedAt: Instant

    /// A load.
    public init(node: NodeName, clients: Int, reportedAt: Instant) {
      self.node = node
      self.clients = clients
      self.reportedAt = reportedAt
    }
  }

  /// How many clients an edge is to release within the coming second.
  public struct Release: Equatable, Sendable {
    /// The edge.
    public let node: NodeName
    /// How many; at least 1.
    public let clients: Int
  }

  /// How far it has come, as of the latest step.
  public struct Progress: Equatable, Sendable {
    /// How many clients each edge should have, rounded up.
    public let share: Int
    /// How many clients are on their way from one edge to another, or have gone for good.
    public let away: Int
    /// How far the edge that is furthest from its share is from it, in percent of it, rounded up.
    public let spreadPercent: Int
    /// How many releases are likely to be needed yet.
    public let remaining: Int
  }

  /// How often it is planned, and over what a release is spread.
  public static let step = Duration.seconds(1)
  /// How far from its share an edge may be, as a part of that: half of what is promised, since clients come and go meanwhile.
  static let tolerance = 0.05
  /// Over how long clients are released at least, where they all may come to any edge.
  static let windowMinimum = Duration.seconds(20)
  /// How long clients that were released may be away.
  static let returnMaximum = Duration.seconds(30)
  /// For how long all must be even before it is over.
  static let evenMinimum = Duration.seconds(10)
  /// How often each client may be released on average.
  static let releasesMaximum = 4

  private struct Order: Equatable {
    let node: NodeName
    let clients: Int
    let end: Instant
  }

  private struct Sight: Equatable {
    let at: Instant
    let clients: Int
  }

  /// How it is going.
  public private(set) var state = State.idle
  /// How many clients are released in a second at most, in all.
  public private(set) var rate = 0
  /// How many were released since it began.
  public private(set) var released = 0
  /// How far it has come; nil before the first step.
  public private(set) var progress: Progress?
  /// How many a second are enough to be done in ``windowMinimum``, from the greatest need so far.
  private var pace = 0
  private var orders: [Order] = []
  private var sights: [Sight] = []
  private var evenSince: Instant?

  /// Nothing to do.
  public init() {}

  /// Begins, or goes on at another rate.
  ///
  /// - Parameter rate: how many clients are released in a second at most, in all; at least 1. Fewer are where they are few.
  public mutating func begin(rate: Int) {
    precondition(rate > 0)
    if state != .active { self = Rebalance() }
    state = .active
    self.rate = rate
  }

  /// Ends it. Releases that were ordered take their course.
  public mutating func end() {
    if state == .active { state = .ended }
    rate = 0
  }

  /// A second has passed.
  ///
  /// - Parameter loads: the edges that take clients.
  /// - Returns: who is to release how many in the coming second; in all no more than the rate.
  public mutating func timerTriggered(_ loads: [Load], now: Instant) -> [Release] {
    guard state == .active else { return [] }
    // A report that came before a release was over does not know of all of it.
    orders.removeAll { order in
      loads.first { $0.node == order.node }.map { $0.reportedAt >= order.end } ?? true
    }
    let present = loads.map { load in max(0, load.clients - ordered(of: load.node)) }
    let (share, total) = share(of: loads, now: now)
    let margin = Int((Double(share) * Self.tolerance).rounded(.up))
    let isEven = present.allSatisfy { abs($0 - share) <= margin }
    look(at: present, share: share, total: total, isEven: isEven)
    guard !isEven else {
      settle(now: now)
      return []
    }
    evenSince = nil
    guard released < Self.releasesMaximum * total else {
      state = .futile
      return []
    }
    let most = min(rate, pace)
    let level = level(of: present, above: share - margin, budget: most)
    var budget = most
    var releases: [Release] = []
    for (load, clients) in zip(loads, present) where clients > level && budget > 0 {
      let count = min(clients - level, budget)
      budget -= count
      releases.append(Release(node: load.node, clients: count))
      orders.append(Order(node: load.node, clients: count, end: now.advanced(by: Self.step)))
    }
    released += most - budget
    return releases
  }

  private func ordered(of node: NodeName) -> Int {
    orders.reduce(0) { $0 + ($1.node == node ? $1.clients : 0) }
  }

  /// An edge's share of the clients, rounded up, and how many clients there are, those on their way among them.
  private mutating func share(of loads: [Load], now: Instant) -> (share: Int, total: Int) {
    let seen = loads.reduce(0) { $0 + $1.clients }
    sights.removeAll { $0.at.advanced(by: Self.returnMaximum) < now || $0.clients <= seen }
    sights.append(Sight(at: now, clients: seen))
    let total = sights.reduce(0) { max($0, $1.clients) }
    return (loads.isEmpty ? 0 : (total + loads.count - 1) / loads.count, total)
  }

  private mutating func look(at present: [Int], share: Int, total: Int, isEven: Bool) {
    let least = present.min() ?? 0
    // So many leave an edge until all, of which each gets the same part back, are as few as it has now.
    let needed = isEven ? 0 : present.reduce(0) { $0 + $1 - least }
    let seconds = Int(Self.windowMinimum.components.seconds)
    pace = max(pace, (needed + seconds - 1) / seconds)
    let furthest = present.reduce(0) { max($0, abs($1 - share)) }
    progress = Progress(
      share: share, away: total - present.reduce(0, +),
      spreadPercent: share == 0 ? 0 : (furthest * 100 + share - 1) / share, remaining: needed)
  }

  private mutating func settle(now: Instant) {
    let since = evenSince ?? now
    evenSince = since
    if orders.isEmpty, since.advanced(by: Self.evenMinimum) <= now { state = .even }
  }

  /// Down to where the fullest may be taken so that all of them together release no more than the budget.
  private func level(of present: [Int], above floor: Int, budget: Int) -> Int {
    var (low, high) = (floor, max(floor, present.max() ?? floor))
    while low < high {
      let middle = (low + high) / 2
      if present.reduce(0, { $0 + max(0, $1 - middle) }) <= budget { high = middle } else { low = middle + 1 }
    }
    // One step further down the budget is broken, but a part of that step fits: the first edges take it.
    return max(floor, low - 1)
  }
}
