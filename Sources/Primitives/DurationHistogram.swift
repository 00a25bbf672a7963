/// Counts durations in a few buckets that are the same everywhere, so that the histograms of workers, of edges, and
/// of one process at two times can be added and subtracted.
///
/// It allocates memory at the first record, and nothing after that. A value is known only to its bucket;
/// ``Histogram`` gives finer figures in one place.
package struct DurationHistogram: Equatable, Sendable {
  /// The upper bound of each bucket, ascending; one more bucket holds everything longer than the last one.
  package static let bounds: [Duration] = [
    .microseconds(100), .microseconds(500), .milliseconds(1), .milliseconds(2), .milliseconds(5),
    .milliseconds(10),
    .milliseconds(20), .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(500),
    .seconds(1),
    .seconds(5), .seconds(30),
  ]

  /// How many buckets there are.
  package static let bucketCount = bounds.count + 1

  private static let boundNanoseconds = bounds.map(\.wholeNanoseconds)

  /// The count of each bucket; empty before the first duration.
  private var recorded: [UInt64] = []

  /// The sum of all durations in microseconds, rounded down.
  package private(set) var sumMicroseconds: UInt64 = 0

  /// An empty histogram.
  package init() {}

  /// A histogram from received figures.
  ///
  /// - Parameters:
  ///   - counts: the count of each bucket; missing ones at the end are 0.
  ///   - sumMicroseconds: the sum of all durations.
  package init(counts: [UInt64], sumMicroseconds: UInt64) {
    precondition(counts.count <= Self.bucketCount)
    recorded = counts + Array(repeating: 0, count: Self.bucketCount - counts.count)
    self.sumMicroseconds = sumMicroseconds
  }

  /// The count of each bucket, not accumulated.
  package var counts: [UInt64] {
    recorded.isEmpty ? Array(repeating: 0, count: Self.bucketCount) : recorded
  }

  /// The number of durations. It wraps around after 2⁶⁴, because a received histogram may contain anything.
  package var count: UInt64 { recorded.reduce(0, &+) }

  /// Records a duration, a number of times; a negative duration counts as zero.
  package mutating func record(_ duration: Duration, times: UInt64 = 1) {
    guard times > 0 else { return }
    let nanoseconds = max(0, duration.wholeNanoseconds)
    if recorded.isEmpty { recorded = Array(repeating: 0, count: Self.bucketCount) }
    var bucket = 0
    while bucket < Self.boundNanoseconds.count, nanoseconds > Self.boundNanoseconds[bucket] { bucket += 1 }
    recorded[bucket] &+= times
    sumMicroseconds &+= UInt64(nanoseconds / 1_000) &* times
  }

  /// Adds the counts of another histogram.
  package mutating func add(_ other: DurationHistogram) {
    guard !other.recorded.isEmpty else { return }
    if recorded.isEmpty { recorded = Array(repeating: 0, count: Self.bucketCount) }
    for bucket in recorded.indices { recorded[bucket] &+= other.recorded[bucket] }
    sumMicroseconds &+= other.sumMicroseconds
  }

  /// The difference to an earlier state of the same histogram; all of it if `earlier` is not such a state, because the
  /// process started again.
  package func since(_ earlier: DurationHistogram) -> DurationHistogram {
    let (now, before) = (counts, earlier.counts)
    guard sumMicroseconds >= earlier.sumMicroseconds, !zip(now, before).contains(where: { $0 < $1 }) else {
      return self
    }
    return DurationHistogram(
      counts: zip(now, before).map { $0 - $1 }, sumMicroseconds: sumMicroseconds - earlier.sumMicroseconds)
  }

  /// The bound that a share of the durations does not exceed; nil without durations, or if it is beyond the last
  /// bound.
  ///
  /// - Parameter share: between 0 and 1; 0.99 gives the 99th percentile, rounded up to its bucket's bound.
  package func quantile(_ share: Double) -> Duration? {
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
