import Primitives

/// Computes how many tweets are due, for a steady rate.
///
/// The count follows from the time since a fixed moment, not from the last call, so nothing is lost to rounding
/// however often it is called. Tweets that could not be sent in time are made up for, up to one second's worth;
/// beyond that, after a pause or where Redis is slower than the rate, they are dropped, and no burst follows.
struct Pacer: Sendable {
  /// The allowed rates, in tweets a second.
  static let allowedRates = 1...200_000

  private static let second: Int64 = 1_000_000_000

  private let rate: Int64
  /// The moment from which due tweets are counted.
  private var anchor: Instant
  /// How many were issued since the anchor; negative while some are still due from before it.
  private var issued: Int64 = 0

  /// - Parameters:
  ///   - rate: tweets a second, one of ``allowedRates``.
  ///   - now: the start; the first tweet is due one interval later.
  init(rate: Int, now: Instant) {
    precondition(Self.allowedRates.contains(rate))
    self.rate = Int64(rate)
    anchor = now
  }

  /// How many tweets to send now, at most `limit`. They count as sent.
  mutating func due(now: Instant, limit: Int) -> Int {
    moveAnchor(to: now)
    let owed = max(0, anchor.duration(to: now).wholeNanoseconds) * rate / Self.second - issued
    guard owed <= rate else {
      anchor = now
      issued = 0
      return 0
    }
    let count = min(max(0, owed), Int64(limit))
    issued += count
    return Int(count)
  }

  /// When the next tweet is due; in the past if it is overdue.
  var nextDue: Instant {
    let nanoseconds = (issued + 1) * Self.second
    return anchor.advanced(by: .nanoseconds(nanoseconds > 0 ? (nanoseconds + rate - 1) / rate : 0))
  }

  /// Keeps less than a second between the anchor and now, so that no product overflows.
  private mutating func moveAnchor(to now: Instant) {
    let whole = anchor.duration(to: now).wholeNanoseconds / Self.second
    guard whole > 0 else { return }
    anchor = anchor.advanced(by: .seconds(whole))
    issued -= whole * rate
  }
}
