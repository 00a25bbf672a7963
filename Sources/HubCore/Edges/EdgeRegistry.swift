import PlantedFaults
import Primitives
import Wire

/// Every edge that the hub knows, by its node name, and its state.
///
/// ```
///   connecting ──report──► live ──no report for a lease──► lost ──report──► live
///       │                   │                               │ 1 h without a link, or forget
///       └──── link ends ────┤ without farewell ──► lost ────┴──► forgotten
///                           └ edgeShutDown ──────► left ── 5 s ──► forgotten
/// ```
///
/// A node has one link. A newer link replaces the older one; anything more from the older one is ignored.
package struct EdgeRegistry: Sendable {
  /// The state of an edge.
  package enum State: String, Equatable, Sendable, CaseIterable {
    /// Its link is up, its first report has not arrived.
    case connecting
    /// Its link is up and it reports.
    case live
    /// Its link broke, or its reports stopped.
    case lost
    /// It announced that it is shutting down.
    case left
  }

  /// The hub's record of one edge.
  package struct Record: Equatable, Sendable {
    /// Its name.
    package let node: NodeName
    /// Its state.
    package internal(set) var state: State
    /// Since when it is in this state.
    package internal(set) var since: Instant
    /// The address of its latest link.
    package let address: String
    /// The version of its software.
    package let softwareVersion: SoftwareVersion
    /// Its link; nil if it has none.
    package internal(set) var link: Int?
    /// Its latest report; nil before the first.
    package internal(set) var report: Report?
    /// When the latest report arrived; nil before the first.
    package internal(set) var reportedAt: Instant?
    /// How many of the increments that the hub had sent were missing at the edge when that report arrived; nil if the
    /// report does not say.
    package internal(set) var behind: UInt64?
    /// Why its latest link ended; nil while it is up.
    package internal(set) var end: EdgeLinkEnd?
  }

  /// The registry's decision on a new link.
  package enum Admission: Equatable, Sendable {
    /// It is the only link of its node.
    case admitted
    /// It replaces this link, which must be ended.
    case replaced(link: Int)
    /// The limit of edges is reached: the new link must be ended.
    case refused
  }

  /// A change of an edge that follows from the time alone.
  package enum Change: Equatable, Sendable {
    /// Its reports stopped.
    case lost(NodeName)
    /// It was away for so long that it is no longer shown.
    case forgotten(NodeName)
  }

  /// How long a report is valid: three report intervals.
  package static let lease = Duration.seconds(15)
  /// How long a lost edge is shown: long enough for an alert to fire, and for an operator to see why.
  package static let lostMaximum = Duration.seconds(3_600)
  /// How long an edge that shut down is shown.
  package static let leftMaximum = Duration.seconds(5)

  /// Links that replaced another one of the same node, since the start.
  package private(set) var replacements: UInt64 = 0

  private let linksMaximum: Int
  private var recordsByNode: [NodeName: Record] = [:]

  /// An empty registry.
  ///
  /// - Parameter linksMaximum: how many edges may have a link at a time. At most as many without a link are shown.
  package init(linksMaximum: Int = 4_096) {
    self.linksMaximum = linksMaximum
  }

  /// All edges, in the order of their names.
  package var records: [Record] { recordsByNode.values.sorted { $0.node < $1.node } }

  /// The record of an edge.
  package subscript(node: NodeName) -> Record? { recordsByNode[node] }

  /// The number of edges in a state.
  package func count(of state: State) -> Int { recordsByNode.values.count { $0.state == state } }

  /// An edge's link is ready to be welcomed.
  ///
  /// - Parameter link: the driver's number for the link, which no other link has at present.
  package mutating func linkEstablished(_ link: Int, by hello: Hello, from address: String, now: Instant)
    -> Admission
  {
    let previous = recordsByNode[hello.node]?.link
    if previous == nil {
      guard recordsByNode.values.count(where: { $0.link != nil }) < linksMaximum else { return .refused }
    }
    recordsByNode[hello.node] = Record(
      node: hello.node, state: .connecting, since: now, address: address,
      softwareVersion: hello.softwareVersion,
      link: link)
    guard let previous, !planted(.replacedLinkKept) else { return .admitted }
    replacements += 1
    return .replaced(link: previous)
  }

  /// An edge reported.
  ///
  /// - Parameter position: the hub's present position.
  package mutating func reportReceived(
    _ report: Report, of node: NodeName, by link: Int, at position: UInt64, now: Instant
  ) {
    change(node, link) { record in
      record.report = report
      record.behind = report[.position].map { position > $0 ? position - $0 : 0 }
      record.reportedAt = now
      record.enter(.live, now: now)
    }
  }

  /// A link ended.
  ///
  /// - Returns: its node; nil if the link is unknown, or a newer one has replaced it.
  @discardableResult
  package mutating func linkEnded(_ link: Int, _ end: EdgeLinkEnd, now: Instant) -> NodeName? {
    guard let node = recordsByNode.values.first(where: { $0.link == link })?.node else { return nil }
    change(node, link) { record in
      record.link = nil
      record.end = end
      record.enter(end == .edgeShutDown ? .left : .lost, now: now)
    }
    forgetSurplus()
    return node
  }

  /// An operator declares that an edge will not come back: it is no longer shown.
  ///
  /// - Returns: false if the edge has a link, or is not known; then nothing changes.
  package mutating func forget(_ node: NodeName) -> Bool {
    guard let record = recordsByNode[node], record.link == nil else { return false }
    recordsByNode[node] = nil
    return true
  }

  /// Time has passed. To be called about once a second.
  ///
  /// - Returns: the changes, in the order of the edges' names.
  package mutating func timerTriggered(now: Instant) -> [Change] {
    var changes: [Change] = []
    for record in records {
      switch record.state {
      case .connecting, .live:
        guard now >= (record.reportedAt ?? record.since).advanced(by: Self.lease), !planted(.leaseUnlimited)
        else {
          continue
        }
        recordsByNode[record.node]?.enter(.lost, now: now)
        changes.append(.lost(record.node))
      case .lost, .left:
        let maximum = record.state == .lost ? Self.lostMaximum : Self.leftMaximum
        guard record.link == nil, now >= record.since.advanced(by: maximum) else { continue }
        recordsByNode[record.node] = nil
        changes.append(.forgotten(record.node))
      }
    }
    return changes
  }

  private mutating func change(_ node: NodeName, _ link: Int, _ body: (inout Record) -> Void) {
    guard var record = recordsByNode[node], record.link == link else { return }
    body(&record)
    recordsByNode[node] = record
  }

  /// Among the edges without a link, the one that has been away for longest makes room.
  private mutating func forgetSurplus() {
    let absent = recordsByNode.values.filter { $0.link == nil }
    guard absent.count > linksMaximum, let oldest = absent.min(by: { $0.since < $1.since }) else { return }
    recordsByNode[oldest.node] = nil
  }
}

extension EdgeRegistry.Record {
  fileprivate mutating func enter(_ next: EdgeRegistry.State, now: Instant) {
    guard state != next else { return }
    state = next
    since = now
  }
}
