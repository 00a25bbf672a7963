/// Counts values in buckets whose width grows with the value: the error of a value is at most 1/16 of it.
///
/// The memory is constant, recording allocates nothing, and two histograms add up.
package struct Histogram: Equatable, Sendable {
  private static let subBits = 4
  private static let subCount = 1 << subBits
  private static let bucketCount = (64 - subBits + 1) * subCount

  private var buckets = [UInt64](repeating: 0, count: bucketCount)

  /// How many values were recorded.
  package private(set) var count: UInt64 = 0
  /// The greatest value that was recorded.
  package private(set) var maximum: UInt64 = 0
  /// The sum of the values; it wraps around after 2⁶⁴.
  package private(set) var sum: UInt64 = 0

  /// An empty histogram.
  package init() {}

  /// Records a value, in the unit of the histogram's user.
  package mutating func record(_ value: UInt64, times: UInt64 = 1) {
    guard times > 0 else { return }
    buckets[Self.bucket(of: value)] += times
    count += times
    sum &+= value &* times
    maximum = max(maximum, value)
  }

  /// The least value that a share of the recorded ones does not exceed, rounded up to its bucket's end.
  ///
  /// - Parameter share: between 0 and 1; 0.99 gives the 99th percentile.
  package func quantile(_ share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    // Rounded up by hand: `rounded(.up)` can become a call into the C math library.
    let exact = Double(count) * share
    let whole = UInt64(exact)
    let rank = max(1, Double(whole) < exact ? whole + 1 : whole)
    var seen: UInt64 = 0
    for (index, bucket) in buckets.enumerated() {
      seen += bucket
      if seen >= rank { return min(Self.upperBound(of: index), maximum) }
    }
    return maximum
  }

  /// Adds the counts of another histogram.
  package mutating func merge(_ other: Histogram) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
    sum &+= other.sum
    maximum = max(maximum, other.maximum)
  }

  /// Forgets everything.
  package mutating func reset() {
    self = Histogram()
  }

  private static func bucket(of value: UInt64) -> Int {
    if value < UInt64(subCount) { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    let shift = exponent - subBits
    return (shift + 1) * subCount + Int((value >> UInt64(shift)) & UInt64(subCount - 1))
  }

  private static func upperBound(of bucket: Int) -> UInt64 {
    if bucket < subCount { return UInt64(bucket) }
    let shift = UInt64(bucket / subCount - 1)
    let base = UInt64(subCount + bucket % subCount)
    return (base << shift) + ((1 << shift) - 1)
  }
}
