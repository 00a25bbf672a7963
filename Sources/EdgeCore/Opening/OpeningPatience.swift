import Primitives

/// Remembers how long clients that hung up had waited for an answer.
///
/// A client whose own limit is shorter than ``OpeningResolver/reachLimit`` hangs up and asks the same question again.
/// Without a memory it would wait from the start each time, and never be answered.
struct OpeningPatience: Sendable {
  /// How long a wait is remembered after it began.
  static let memory = Duration.seconds(10)
  /// How many requests are remembered at least; at most twice as many are.
  private static let countMinimum = 1_024

  private var since = RecentTable<OpeningResolver.OpeningRequest, Instant>(countMinimum: countMinimum)

  /// The last client that waited for an answer hung up.
  mutating func hungUp(_ request: OpeningResolver.OpeningRequest, waitingSince start: Instant) {
    since[request] = start
  }

  /// When the wait of a client that asks now began. The remembered wait never exceeds ``OpeningResolver/reachLimit``: a
  /// question to a hub, which follows that limit, has its full time again.
  func start(of request: OpeningResolver.OpeningRequest, now: Instant) -> Instant {
    guard let start = since[request], now < start.advanced(by: Self.memory) else { return now }
    return max(start, now.advanced(by: .zero - OpeningResolver.reachLimit))
  }
}
