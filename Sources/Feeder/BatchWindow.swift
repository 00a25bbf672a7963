import Primitives

/// The batches that Redis has not accepted yet: those under way, and those that it refused for now.
///
/// After a temporary refusal, nothing is sent for a while; then one batch is sent alone, and the others follow only
/// once it is accepted. A refused batch was not executed and is sent again. If the connection ends, it is unknown
/// whether a batch under way was executed, so it is **not** sent again: a tweet is counted once or not at all, never
/// twice. A pure state machine: ``FeederDriver`` drives it.
struct BatchWindow: Sendable {
  /// The consequence of an answer.
  enum Action: Equatable, Sendable {
    /// Continue.
    case none
    /// This number of tweets is now in Redis.
    case succeed(tweetCount: Int, roundTrip: Duration)
    /// Redis does not know the script: send it with its source, together with this batch, at once.
    case sendAgain([FeedItem])
    /// Redis accepts nothing at present: send again at ``BatchWindow/pausedUntil``.
    case pause(RedisRefusal)
    /// Continuing is pointless.
    case fail(RedisRefusal)
  }

  private struct Sent {
    let items: [FeedItem]
    let at: Instant
  }

  /// How many batches may be unanswered.
  static let countMaximum = 8

  private var sent = RingBuffer<Sent>()
  private var refused = RingBuffer<[FeedItem]>()
  /// True until a batch is accepted, at the start and after each refusal.
  private var isOnTrial = true
  private var wasDemoted = false
  private var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
  /// Until when nothing may be sent; nil outside of a pause.
  private(set) var pausedUntil: Instant?

  /// True if every batch has been accepted.
  var isEmpty: Bool { sent.isEmpty && refused.isEmpty }

  /// Whether another batch may be sent.
  func admitsBatch(at now: Instant) -> Bool {
    guard pausedUntil.map({ $0 <= now }) ?? true, !wasDemoted else { return false }
    return sent.count < (isOnTrial ? 1 : Self.countMaximum)
  }

  /// Whether to reconnect once the pause is over: the address may now lead to another server.
  func wantsConnection(at now: Instant) -> Bool {
    wasDemoted && sent.isEmpty && (pausedUntil.map { $0 <= now } ?? true)
  }

  /// Takes the next refused batch; nil if there is none.
  mutating func takeRefused() -> [FeedItem]? { refused.popFirst() }

  /// A batch was sent.
  mutating func batchSent(_ items: [FeedItem], now: Instant) {
    sent.append(Sent(items: items, at: now))
  }

  /// Redis accepted the oldest batch under way.
  mutating func batchTaken(now: Instant) -> Action {
    guard let batch = sent.popFirst() else { return .none }
    // A batch sent before a refusal says nothing about the batches after it.
    if pausedUntil.map({ $0 <= batch.at }) ?? true {
      isOnTrial = false
      pausedUntil = nil
      backoff.reset()
    }
    return .succeed(tweetCount: batch.items.count, roundTrip: batch.at.duration(to: now))
  }

  /// Redis refused the oldest batch under way.
  mutating func batchRefused(
    _ refusal: RedisRefusal, now: Instant, using random: inout some RandomNumberGenerator
  ) -> Action {
    guard let batch = sent.popFirst() else { return .none }
    switch refusal.kind {
    case .lasting: return .fail(refusal)
    case .unknownScript: return .sendAgain(batch.items)
    case .passing, .demoted:
      refused.append(batch.items)
      isOnTrial = true
      if refusal.kind == .demoted { wasDemoted = true }
      // The batches after it are refused for the same reason: one pause for all.
      guard pausedUntil.map({ $0 <= batch.at }) ?? true else { return .none }
      pausedUntil = now.advanced(by: backoff.next(using: &random))
      return .pause(refusal)
    }
  }

  /// A connection was opened: refused batches can be sent again.
  mutating func connectionOpened() {
    isOnTrial = true
    wasDemoted = false
    pausedUntil = nil
  }

  /// The connection ended, or was refused.
  ///
  /// - Returns: the number of tweets under way, and the wait before the next connection.
  mutating func connectionEnded(using random: inout some RandomNumberGenerator) -> (
    unansweredCount: Int, delay: Duration
  ) {
    var count = 0
    while let batch = sent.popFirst() { count += batch.items.count }
    return (count, backoff.next(using: &random))
  }
}
