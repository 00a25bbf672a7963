import Primitives

/// Remembers how long clients that hung up had waited for an answer.
///
/// A client whose own limit is shorter than ``OpeningDesk/reachLimit`` hangs up and asks the same question again.
/// Without a memory it would wait from the start each time, and never be answered.
struct OpeningPatience: Sendable {
  /// How long a wait is remembered after it began.
  static let memory = Duration.seconds(10)
  /// How many wishes are remembered at least; at most twice as many are.
  private static let countMinimum = 1_024

  private var since = RecentTable<OpeningDesk.Wish, Instant>(countMinimum: countMinimum)

  /// The last client that waited for an answer hung up.
  mutating func hungUp(_ wish: OpeningDesk.Wish, waitingSince start: Instant) { since[wish] = start }

  /// When the wait of a client that asks now began. The remembered wait never exceeds ``OpeningDesk/reachLimit``: a
  /// question to a hub, which follows that limit, has its full time again.
  func start(of wish: OpeningDesk.Wish, now: Instant) -> Instant {
    guard let start = since[wish], now < start.advanced(by: Self.memory) else { return now }
    return max(start, now.advanced(by: .zero - OpeningDesk.reachLimit))
  }
}
