import Primitives

/// The measurements of a proxy, and which of them exceed a limit.
struct RoadFigures {
  /// From the request to the first event; the worst but one of twenty. Nil if none arrived.
  var firstEvent: Duration?
  /// How many of ``RoadTrial/crowd`` simultaneous streams were served; nil if that was not tried.
  var crowd: Int?
  /// How much later events arrived than at a direct client: the median, and the percentile that has the limit.
  var behindMedian: Duration?
  var behindWorst: Duration?
  /// Whether a stream was still open after ``RoadTrial/heldFor``; nil if that was not tried.
  var isHeld: Bool?
  /// Whether a stream that the edge ended had its last chunk.
  var tellsEnd = false
  /// Whether a stream that was cut off had none.
  var tellsCut = false
  /// When the edge noticed that a client of a quiet stream had left; nil if it did not in time.
  var leftAfter: Duration?
  /// The address under which the edge knew a client that claimed another one.
  var addressSeen = "-"
  /// How long a client retried until another edge served it; nil with a single edge.
  var otherEdgeAfter: Duration?
  /// The answer to a browser that asks for a stream when no edge is left.
  var withoutEdge = "-"
}

extension RoadFigures {
  static let firstEventLimit = Duration.milliseconds(100)
  static let behindLimit = Duration.milliseconds(25)
  static let otherEdgeLimit = Duration.seconds(5)

  /// Whether a measurement exceeds a time limit.
  var isLate: Bool {
    firstEvent.map { $0 > Self.firstEventLimit } ?? false
      || behindWorst.map { $0 > Self.behindLimit } ?? false
  }

  /// The faults of several runs: all of each, but that events come late only if they do in all of them.
  static func broken(_ runs: [RoadFigures], by kind: ProxyKind) -> Set<String> {
    let faults = runs.map { Set($0.broken(by: kind)) }
    let late = faults.reduce(faults.first ?? []) { $0.intersection($1) }.intersection(lateness)
    return faults.reduce(into: late) { $0.formUnion($1.subtracting(lateness)) }
  }

  private static let lateness: Set = ["the first event comes late", "events come late"]

  /// The limits that are exceeded, as texts.
  func broken(by kind: ProxyKind) -> [String] {
    var broken: [String] = []
    func demand(_ isKept: Bool, _ words: String) { if !isKept { broken.append(words) } }
    demand(firstEvent.map { $0 <= Self.firstEventLimit } ?? false, "the first event comes late")
    demand(behindWorst.map { $0 <= Self.behindLimit } ?? false, "events come late")
    demand(isHeld != false, "a stream is cut")
    demand(crowd.map { $0 == RoadTrial.crowd } ?? true, "not all streams come through")
    demand(tellsEnd, "an end does not look like one")
    demand(
      tellsCut == kind.tellsCut, tellsCut ? "a cut looks like one, unlike before" : "a cut looks like an end")
    demand(leftAfter.map { $0 <= RoadTrial.leavingLimit(of: kind) } ?? false, "a client that left stays")
    demand(addressSeen == RoadTrial.source, "the edge takes the client for \(addressSeen)")
    if kind.edgeCount > 1 {
      demand(otherEdgeAfter.map { $0 <= Self.otherEdgeLimit } ?? false, "no other edge is asked")
    }
    if kind.tellsTimeToReturn { demand(withoutEdge == "200, retry", "no time to come back is told") }
    return broken
  }

  // MARK: The table

  static let heading = """
    | proxy | version | first event | behind a direct client: median, p99 | 18 s | 1,500 streams | end and cut | quiet client that left | claimed address | other edge | no edge |
    |---|---|---|---|---|---|---|---|---|---|---|
    """

  func row(_ name: String, version: String) -> String {
    let held: String = isHeld.map { $0 ? "held" : "**cut**" } ?? "-"
    let streams: String = crowd.map { $0 == RoadTrial.crowd ? "all" : "**\($0)**" } ?? "-"
    let ends: String = tellsCut ? "told apart" : "**both look like an end**"
    let left: String =
      leftAfter.map { $0 < .seconds(1) ? "gone at once" : "gone after \(text($0))" } ?? "**stays**"
    let claim: String =
      switch addressSeen {
      case RoadTrial.source: "not believed"
      case RoadTrial.claimed: "**believed**"
      default: "**\(addressSeen)**"
      }
    let other: String = otherEdgeAfter.map { "after \(text($0))" } ?? "-"
    let cells: [String] = [
      name, version, text(firstEvent), "\(text(behindMedian)), \(text(behindWorst))", held, streams,
      tellsEnd ? ends : "**no end**", left, claim, other, withoutEdge,
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private func text(_ duration: Duration?) -> String {
    guard let duration else { return "**none**" }
    let tenths = (duration.wholeNanoseconds + 50_000) / 100_000
    return duration < .seconds(1)
      ? "\(tenths / 10).\(abs(tenths % 10)) ms" : "\(tenths / 10_000).\(tenths / 1_000 % 10) s"
  }
}
