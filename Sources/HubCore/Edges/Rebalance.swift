import Primitives

/// Spreads the fleet's clients evenly: plans, once a second, how many the fullest edges release.
///
/// Who is released comes back by the name that all edges share, so to any of them, the one it left among them. So nothing is
/// calculated ahead: each second it looks at the loads, and goes on until no edge has more than its share and a little. A
/// client that is on its way counts as still there: the mean is that of the greatest number of clients seen lately.
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

  /// How often it is planned, and over what a release is spread.
  public static let step = Duration.seconds(1)
  /// How far from its share an edge may be, as a part of that: half of what is promised, since clients come and go meanwhile.
  static let tolerance = 0.05
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
  private var orders: [Order] = []
  private var sights: [Sight] = []
  private var evenSince: Instant?

  /// Nothing to do.
  public init() {}

  /// Begins, or goes on at another rate.
  ///
  /// - Parameter rate: how many clients are released in a second at most, in all; at least 1.
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
    guard !isEven(present, share: share) else {
      settle(now: now)
      return []
    }
    evenSince = nil
    guard released < Self.releasesMaximum * total else {
      state = .futile
      return []
    }
    let level = level(of: present, above: share, budget: rate)
    var budget = rate
    var releases: [Release] = []
    for (load, clients) in zip(loads, present) where clients > level && budget > 0 {
      let count = min(clients - level, budget)
      budget -= count
      releases.append(Release(node: load.node, clients: count))
      orders.append(Order(node: load.node, clients: count, end: now.advanced(by: Self.step)))
    }
    released += rate - budget
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

  private func isEven(_ present: [Int], share: Int) -> Bool {
    let margin = Int((Double(share) * Self.tolerance).rounded(.up))
    return present.allSatisfy { abs($0 - share) <= margin }
  }

  private mutating func settle(now: Instant) {
    let since = evenSince ?? now
    evenSince = since
    if orders.isEmpty, since.advanced(by: Self.evenMinimum) <= now { state = .even }
  }

  /// Down to where the fullest may be taken so that all of them together release no more than the budget.
  private func level(of present: [Int], above share: Int, budget: Int) -> Int {
    var (low, high) = (share, present.max() ?? share)
    while low < high {
      let middle = (low + high) / 2
      if present.reduce(0, { $0 + max(0, $1 - middle) }) <= budget { high = middle } else { low = middle + 1 }
    }
    // One step further down the budget is broken, but a part of that step fits: the first edges take it.
    return max(share, low - 1)
  }
}
