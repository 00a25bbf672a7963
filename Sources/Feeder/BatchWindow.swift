import Primitives

/// The batches that Redis has not taken yet: those under way, and those that it refused for now.
///
/// After a refusal that passes, nothing is sent for a while; then one batch goes ahead of all others, and only when it is
/// taken do the others follow. A refused batch was not executed and is sent again. Of a batch that is under way when the
/// connection ends nobody can know whether it was executed, so it is **not** sent again: a tweet is counted once or not at
/// all, never twice. A pure state machine: ``FeederDriver`` drives it.
struct BatchWindow: Sendable {
  /// What follows from an answer.
  enum Action: Equatable, Sendable {
    /// Go on.
    case none
    /// So many tweets are in Redis.
    case succeed(tweetCount: Int, roundTrip: Duration)
    /// Redis does not know the script: it must be sent with its source, and the batch at once.
    case sendAgain([FeedItem])
    /// Redis takes nothing at present: send again at ``BatchWindow/pausedUntil``.
    case pause(RedisRefusal)
    /// It is pointless to go on.
    case fail(RedisRefusal)
  }

  private struct Sent {
    let items: [FeedItem]
    let at: Instant
  }

  /// How many batches may be without an answer.
  static let countMaximum = 8

  private var sent = RingBuffer<Sent>()
  private var refused = RingBuffer<[FeedItem]>()
  /// True until a batch is taken, at the beginning and after each refusal.
  private var isOnTrial = true
  private var wasDemoted = false
  private var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
  /// Until when nothing may be sent; nil if that is not so.
  private(set) var pausedUntil: Instant?

  /// True if nothing is left to be taken.
  var isEmpty: Bool { sent.isEmpty && refused.isEmpty }

  /// Whether another batch may be sent.
  func admitsBatch(at now: Instant) -> Bool {
    guard pausedUntil.map({ $0 <= now }) ?? true, !wasDemoted else { return false }
    return sent.count < (isOnTrial ? 1 : Self.countMaximum)
  }

  /// Whether to connect anew, once the pause is over: the address may lead to another server now.
  func wantsConnection(at now: Instant) -> Bool {
    wasDemoted && sent.isEmpty && (pausedUntil.map { $0 <= now } ?? true)
  }

  /// A batch that was refused, and is next; nil if there is none.
  mutating func takeRefused() -> [FeedItem]? { refused.popFirst() }

  /// A batch was sent.
  mutating func batchSent(_ items: [FeedItem], now: Instant) {
    sent.append(Sent(items: items, at: now))
  }

  /// Redis took the oldest batch that is under way.
  mutating func batchTaken(now: Instant) -> Action {
    guard let batch = sent.popFirst() else { return .none }
    // One that was sent before a refusal says nothing of what comes behind it.
    if pausedUntil.map({ $0 <= batch.at }) ?? true {
      isOnTrial = false
      pausedUntil = nil
      backoff.reset()
    }
    return .succeed(tweetCount: batch.items.count, roundTrip: batch.at.duration(to: now))
  }

  /// Redis refused the oldest batch that is under way.
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
      // Those behind it are refused for the same reason: one pause for all.
      guard pausedUntil.map({ $0 <= batch.at }) ?? true else { return .none }
      pausedUntil = now.advanced(by: backoff.next(using: &random))
      return .pause(refusal)
    }
  }

  /// A connection was made: what was refused can be sent again.
  mutating func connectionOpened() {
    isOnTrial = true
    wasDemoted = false
    pausedUntil = nil
  }

  /// The connection ended, or was refused.
  ///
  /// - Returns: how many tweets were under way, and how long to wait before the next connection.
  mutating func connectionEnded(using random: inout some RandomNumberGenerator) -> (
    unansweredCount: Int, delay: Duration
  ) {
    var count = 0
    while let batch = sent.popFirst() { count += batch.items.count }
    return (count, backoff.next(using: &random))
  }
}
