/// Counts durations in a few buckets that are the same everywhere, so that the histograms of workers, of edges, and of
/// the same process at two times add up and subtract.
///
/// It takes no memory before something is recorded, and recording allocates nothing after that. A value is known as one
/// of its bucket; for finer figures in one place there is ``Histogram``.
public struct DurationHistogram: Equatable, Sendable {
  /// The greatest duration of each bucket, ascending; one more bucket holds all that is longer than the last one.
  public static let bounds: [Duration] = [
    .microseconds(100), .microseconds(500), .milliseconds(1), .milliseconds(2), .milliseconds(5),
    .milliseconds(10),
    .milliseconds(20), .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(500),
    .seconds(1),
    .seconds(5), .seconds(30),
  ]

  /// How many buckets there are.
  public static let bucketCount = bounds.count + 1

  private static let boundNanoseconds = bounds.map(\.wholeNanoseconds)

  /// How many durations are in each bucket; empty before the first one.
  private var recorded: [UInt64] = []

  /// The sum of all durations in microseconds, rounded down.
  public private(set) var sumMicroseconds: UInt64 = 0

  /// An empty histogram.
  public init() {}

  /// A histogram that somebody else counted.
  ///
  /// - Parameters:
  ///   - counts: of each bucket; those that are missing at the end are 0.
  ///   - sumMicroseconds: the sum of all durations.
  public init(counts: [UInt64], sumMicroseconds: UInt64) {
    precondition(counts.count <= Self.bucketCount)
    recorded = counts + Array(repeating: 0, count: Self.bucketCount - counts.count)
    self.sumMicroseconds = sumMicroseconds
  }

  /// How many durations are in each bucket, not counting those of shorter buckets.
  public var counts: [UInt64] {
    recorded.isEmpty ? Array(repeating: 0, count: Self.bucketCount) : recorded
  }

  /// How many durations were recorded. It wraps around after 2⁶⁴, as a histogram that was received may be anything.
  public var count: UInt64 { recorded.reduce(0, &+) }

  /// Records a duration, a number of times; a negative one counts as none.
  public mutating func record(_ duration: Duration, times: UInt64 = 1) {
    guard times > 0 else { return }
    let nanoseconds = max(0, duration.wholeNanoseconds)
    if recorded.isEmpty { recorded = Array(repeating: 0, count: Self.bucketCount) }
    var bucket = 0
    while bucket < Self.boundNanoseconds.count, nanoseconds > Self.boundNanoseconds[bucket] { bucket += 1 }
    recorded[bucket] &+= times
    sumMicroseconds &+= UInt64(nanoseconds / 1_000) &* times
  }

  /// Adds what another histogram counted.
  public mutating func add(_ other: DurationHistogram) {
    guard !other.recorded.isEmpty else { return }
    if recorded.isEmpty { recorded = Array(repeating: 0, count: Self.bucketCount) }
    for bucket in recorded.indices { recorded[bucket] &+= other.recorded[bucket] }
    sumMicroseconds &+= other.sumMicroseconds
  }

  /// What was counted since an earlier state of the same histogram; all of it, if that one is no earlier state, because
  /// whoever counted began anew.
  public func since(_ earlier: DurationHistogram) -> DurationHistogram {
    let (now, before) = (counts, earlier.counts)
    guard sumMicroseconds >= earlier.sumMicroseconds, !zip(now, before).contains(where: { $0 < $1 }) else {
      return self
    }
    return DurationHistogram(
      counts: zip(now, before).map { $0 - $1 }, sumMicroseconds: sumMicroseconds - earlier.sumMicroseconds)
  }

  /// The bound that a share of the durations does not exceed; nil if there are none, or if it is beyond the last bound.
  ///
  /// - Parameter share: between 0 and 1; 0.99 gives the 99th percentile, rounded up to its bucket's bound.
  public func quantile(_ share: Double) -> Duration? {
    let count = count
    guard count > 0 else { return nil }
    let rank = max(1, Double(count) * share)
    var seen = 0.0
    for (bucket, bound) in Self.bounds.enumerated() {
      seen += Double(recorded[bucket])
      if seen >= rank { return bound }
    }
    return nil
  }
}
