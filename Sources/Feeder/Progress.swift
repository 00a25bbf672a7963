import Primitives

/// Counts a feeder's work, and renders it in one line.
struct Progress: Sendable {
  private var tweetCount: UInt64 = 0
  private var errorCount: UInt64 = 0
  private var lineTweetCount: UInt64 = 0
  private var lineMoment: Instant
  /// Round trips since the last line, in microseconds.
  private var roundTrips = Histogram()

  /// No work yet.
  init(now: Instant) {
    lineMoment = now
  }

  /// Redis accepted a batch.
  mutating func batchSucceeded(tweetCount: Int, roundTrip: Duration) {
    self.tweetCount += UInt64(tweetCount)
    roundTrips.record(UInt64(max(0, roundTrip.wholeNanoseconds / 1000)))
  }

  /// Redis did not accept a batch.
  mutating func batchFailed() {
    errorCount += 1
  }

  /// The progress line: `12,345 tweets · 250/s · Redis 0.4 ms (p99 1.9) · 0 errors`.
  ///
  /// The rate and the round trips (median and 99th percentile) are those since the last line.
  mutating func line(now: Instant) -> String {
    let milliseconds = max(1, lineMoment.duration(to: now).wholeMilliseconds)
    let rate = (tweetCount - lineTweetCount) * 1000 / UInt64(milliseconds)
    let median = Self.milliseconds(roundTrips.quantile(0.5))
    let high = Self.milliseconds(roundTrips.quantile(0.99))
    let roundTrip = roundTrips.count == 0 ? "no answer from Redis" : "Redis \(median) ms (p99 \(high))"
    lineTweetCount = tweetCount
    lineMoment = now
    roundTrips.reset()
    return
      "\(Self.grouped(tweetCount)) tweets · \(Self.grouped(rate))/s · \(roundTrip) · \(Self.grouped(errorCount))"
      + (errorCount == 1 ? " error" : " errors")
  }

  /// Microseconds as milliseconds with one decimal.
  private static func milliseconds(_ microseconds: UInt64) -> String {
    let tenths = (microseconds + 50) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// A number with commas between thousands.
  private static func grouped(_ number: UInt64) -> String {
    var text = "\(number % 1000)"
    var rest = number / 1000
    while rest > 0 {
      text = String(repeating: "0", count: 3 - text.prefix { $0 != "," }.utf8.count) + text
      text = "\(rest % 1000),\(text)"
      rest /= 1000
    }
    return text
  }
}
