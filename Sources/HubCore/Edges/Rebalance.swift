import Primitives

/// Spreads the fleet's clients evenly: plans, once a second, how many clients the fullest edges release.
///
/// A released client reconnects by the name that all edges share, so it may reach any of them, including the one it
/// left. So the plan calculates nothing ahead: each second it compares the loads, and continues until no edge is far
/// from its share. A client on its way still counts as connected: the mean is that of the greatest number of clients
/// seen recently.
///
/// - **The floor.** An edge releases down to a little below its share, within the tolerance. Down to the share itself
///   would take forever: the smaller the surplus, the fewer of the released clients reach the edge that lacks them.
///   Further down would oscillate, where clients never return to the edge that they left.
/// - **The pace.** Of the clients that an empty edge needs, only one in as many as there are edges reaches it, so
///   each client is released about once. That is spread over ``windowMinimum`` at least: a small fleet would
///   otherwise be released in one wave, below any rate.
///
/// It is a pure plan. The driver asks all edges for a report after each step, and makes each edge release its part
/// spread over the second.
package struct Rebalance: Equatable, Sendable {
  /// The state of the plan.
  package enum State: String, Equatable, Sendable, CaseIterable {
    /// Not requested.
    case idle
    /// Clients are being released.
    case active
    /// The clients are spread evenly.
    case even
    /// So many clients were released that more would not help: they return to the edges that they left.
    case futile
    /// It was stopped by request.
    case ended
  }

  /// The number of clients of an edge.
  package struct Load: Equatable, Sendable {
    /// The edge.
    package let node: NodeName
    /// Its clients, from its report.
    package let clients: Int
    /// When that report arrived.
    package let reportedAt: Instant

    /// The load of one edge.
    package init(node: NodeName, clients: Int, reportedAt: Instant) {
      self.node = node
      self.clients = clients
      self.reportedAt = reportedAt
    }
  }

  /// How many clients an edge is to release within the next second.
  package struct Release: Equatable, Sendable {
    /// The edge.
    package let node: NodeName
    /// How many clients; at least 1.
    package let clients: Int
  }

  /// The progress, as of the latest step.
  package struct Progress: Equatable, Sendable {
    /// How many clients each edge should have, rounded up.
    package let share: Int
    /// How many clients are on their way from one edge to another, or have left for good.
    package let away: Int
    /// The distance of the edge furthest from its share, in percent of the share, rounded up.
    package let spreadPercent: Int
    /// How many releases are likely still to be needed.
    package let remaining: Int
  }

  /// The time between two plans, over which a release is spread.
  package static let step = Duration.seconds(1)
  /// How far from its share an edge may be, as a fraction: half of what is promised, since clients come and go
  /// meanwhile.
  static let tolerance = 0.05
  /// The least time over which clients are released when all of them may reach any edge.
  static let windowMinimum = Duration.seconds(20)
  /// How long a released client may take to reconnect.
  static let returnMaximum = Duration.seconds(30)
  /// How long all edges must be even before the plan ends.
  static let evenMinimum = Duration.seconds(10)
  /// How often each client may be released, on average.
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

  /// The state of the plan.
  package private(set) var state = State.idle
  /// The greatest number of clients released in a second, over all edges.
  package private(set) var rate = 0
  /// How many clients were released since it began.
  package private(set) var released = 0
  /// The progress; nil before the first step.
  package private(set) var progress: Progress?
  /// How many releases a second are enough to finish in ``windowMinimum``, for the greatest need so far.
  private var pace = 0
  private var orders: [Order] = []
  private var sights: [Sight] = []
  private var evenSince: Instant?

  /// An idle plan.
  package init() {}

  /// Begins, or continues at another rate.
  ///
  /// - Parameter rate: the greatest number of clients released in a second, over all edges; at least 1. A small fleet
  ///   releases fewer.
  package mutating func begin(rate: Int) {
    precondition(rate > 0)
    if state != .active { self = Rebalance() }
    state = .active
    self.rate = rate
  }

  /// Ends it. Releases that were ordered continue.
  package mutating func end() {
    if state == .active { state = .ended }
    rate = 0
  }

  /// A second has passed.
  ///
  /// - Parameter loads: the edges that accept clients.
  /// - Returns: the edges' releases for the next second; together no more than the rate.
  package mutating func timerTriggered(_ loads: [Load], now: Instant) -> [Release] {
    guard state == .active else { return [] }
    // A report from before the end of a release does not include all of it.
    orders.removeAll { order in
      loads.first { $0.node == order.node }.map { $0.reportedAt >= order.end } ?? true
    }
    let present = loads.map { load in max(0, load.clients - ordered(of: load.node)) }
    let (share, total) = share(of: loads, now: now)
    let margin = Int((Double(share) * Self.tolerance).rounded(.up))
    let isEven = present.allSatisfy { abs($0 - share) <= margin }
    measure(present, share: share, total: total, isEven: isEven)
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

  /// An edge's share of the clients, rounded up, and the number of clients, including those on their way.
  private mutating func share(of loads: [Load], now: Instant) -> (share: Int, total: Int) {
    let seen = loads.reduce(0) { $0 + $1.clients }
    sights.removeAll { $0.at.advanced(by: Self.returnMaximum) < now || $0.clients <= seen }
    sights.append(Sight(at: now, clients: seen))
    let total = sights.reduce(0) { max($0, $1.clients) }
    return (loads.isEmpty ? 0 : (total + loads.count - 1) / loads.count, total)
  }

  private mutating func measure(_ present: [Int], share: Int, total: Int, isEven: Bool) {
    let least = present.min() ?? 0
    // Releases until every edge is down to the smallest load, given that each gets an equal part of the released
    // clients back.
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

  /// The level above which the fullest edges release, so that their releases together fit the budget.
  private func level(of present: [Int], above floor: Int, budget: Int) -> Int {
    var (low, high) = (floor, max(floor, present.max() ?? floor))
    while low < high {
      let middle = (low + high) / 2
      if present.reduce(0, { $0 + max(0, $1 - middle) }) <= budget { high = middle } else { low = middle + 1 }
    }
    // One level further down exceeds the budget, but a part of that step fits: the first edges take it.
    return max(floor, low - 1)
  }
}
