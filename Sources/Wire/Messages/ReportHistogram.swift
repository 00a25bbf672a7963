import Primitives

/// A distribution of durations in a ``Report``. Counts are cumulative: from the start of the process, and they never fall.
///
/// Each takes ``fieldCount`` numbers of fields, from its raw value on: the counts of the buckets of
/// `DurationHistogram`, each for itself, and then the sum in microseconds. What is 0 is left out.
public enum ReportHistogram: UInt8, Sendable, CaseIterable {
  /// From the hub's flush to the client's socket, once for each client of raw and of eps at the full rate. By two
  /// machines' clocks.
  case deliveryLatency = 128
  /// How long clients that could not keep up lagged until they were in step again.
  case lag = 144

  /// How many numbers one takes.
  static let fieldCount = UInt8(DurationHistogram.bucketCount) + 1

  /// The histogram that has a number, and which of its figures that is.
  static func figure(of number: UInt8) -> (histogram: ReportHistogram, index: Int)? {
    for histogram in allCases where number >= histogram.rawValue && number - histogram.rawValue < fieldCount {
      return (histogram, Int(number - histogram.rawValue))
    }
    return nil
  }
}
