import Primitives

/// A distribution of durations in a ``Report``. Counts are cumulative: they start with the process and never fall.
///
/// Each takes ``fieldCount`` numbers of fields, from its raw value on: the counts of the buckets of
/// `DurationHistogram`, not accumulated, and then the sum in microseconds. Zeros are left out.
package enum ReportHistogram: UInt8, Sendable, CaseIterable {
  /// From the hub's flush to the client's socket, once for each client of raw and of eps at the full rate. Measured
  /// by the clocks of two machines.
  case deliveryLatency = 128
  /// How long slow clients lagged until they were in step again.
  case lag = 144

  /// How many field numbers a histogram takes.
  static let fieldCount = UInt8(DurationHistogram.bucketCount) + 1

  /// The histogram that a field number belongs to, and the index of its figure; nil for other numbers.
  static func figure(of number: UInt8) -> (histogram: ReportHistogram, index: Int)? {
    for histogram in allCases where number >= histogram.rawValue && number - histogram.rawValue < fieldCount {
      return (histogram, Int(number - histogram.rawValue))
    }
    return nil
  }
}
