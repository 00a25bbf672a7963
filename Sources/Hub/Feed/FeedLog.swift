import HubCore
import Logging
import Primitives
import Service

/// Logs the events of the feed from Redis.
struct FeedLog {
  /// The state of the totals before a fence.
  struct Before {
    let lineage: Lineage?
    let isFeederAtomic: Bool

    init(_ table: ScoreTable) {
      lineage = table.lineage
      isFeederAtomic = table.isFeederAtomic
    }
  }

  private let logger: Logger
  private var limiter = LogLimiter()
  /// The rejected members of the sorted set that were logged last.
  private var rejected: [RejectReason: FenceTotals.Rejected] = [:]

  init(_ logger: Logger) {
    self.logger = logger
  }

  /// A second has passed.
  mutating func secondPassed(now: Instant) {
    logger.leftOut(limiter.timerTriggered(now: now))
  }

  /// Messages have begun to arrive, or no longer arrive.
  ///
  /// - Parameter position: the sum of the totals.
  mutating func changed(to state: FeedState, at position: Position, now: Instant) {
    switch state {
    case .interrupted(let interruption):
      limiter.log("\(interruption)", at: now) { suffix in
        logger.warning("no messages from Redis: \(interruption)\(suffix)")
      }
    case .anchored:
      logger.info("messages come from Redis", metadata: ["position": "\(position)"])
    case .unanchored(let reason):
      logger.warning("messages come from Redis, but missed increments cannot be repaired: \(reason)")
    }
  }

  /// Logs members of the sorted set that are not scores, once and whenever they change.
  mutating func found(rejected: [RejectReason: FenceTotals.Rejected]) {
    guard rejected != self.rejected else { return }
    self.rejected = rejected
    for (reason, members) in rejected.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      logger.warning(
        "some members of the sorted set do not count: \(reason.explanation)",
        metadata: [
          "reason": "\(reason.rawValue)", "count": "\(members.count)",
          "example": "\(String(decoding: members.example, as: UTF8.self))",
        ])
    }
    if rejected.isEmpty { logger.notice("all members of the sorted set count again") }
  }

  /// Logs what a fence meant for the totals.
  ///
  /// - Parameters:
  ///   - lineage: the lineage that the fence found.
  ///   - before: the state before the fence.
  ///   - table: the state after it.
  mutating func fenced(
    _ reconciliation: ScoreTable.Reconciliation, lineage: Lineage, before: Before, table: ScoreTable,
    now: Instant
  ) {
    if before.isFeederAtomic, !table.isFeederAtomic {
      logger.notice(
        "a feeder sends the total and the message of a score as two commands, so a fence may fall between them; this does no harm"
      )
    }
    switch reconciliation {
    case .confirmed, .undecided, .explained: break
    case .repaired(let count):
      logger.notice("repaired missed increments", metadata: ["increments": "\(count)"])
    case .corrected(let repaired, 0):
      limiter.log("totals corrected", at: now) { suffix in
        logger.warning(
          "scores that were counted without a message were added\(suffix)",
          metadata: ["repaired": "\(repaired)"])
      }
    case .corrected(let repaired, let overcounted):
      limiter.log("totals taken back", at: now) { suffix in
        logger.warning(
          "edges were sent more than Redis holds; it is taken back with a snapshot\(suffix)",
          metadata: ["repaired": "\(repaired)", "overcounted": "\(overcounted)"])
      }
    case .began where before.lineage == nil:
      logger.notice(
        "the lineage in Redis is continued; edges and clients notice if Redis came back from an older state while no hub was running",
        metadata: ["lineage": "\(lineage)", "position": "\(table.position)"])
    case .began:
      logger.notice(
        "a lineage begins",
        metadata: ["lineage": "\(lineage)", "before": "\(before.lineage?.description ?? "none")"])
    case .wentBackwards(let ids):
      // Totals of one lineage never decrease: Redis was flushed or restored, and its totals need a new name.
      limiter.log("totals backwards", at: now) { suffix in
        logger.warning(
          "the totals in Redis went backwards\(suffix)",
          metadata: ["ids": "\(ids.count)", "first": "\(ids.first?.description ?? "none")"])
      }
    }
  }
}
