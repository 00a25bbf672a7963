import HubCore
import Logging
import Primitives
import Reactor
import Service
import Wire

// How events come in.
extension HubServer: FeedDriverDelegate {
  func feedBrought(_ message: FeedMessage) {
    counters.messageReceived()
    switch message {
    case .increment(let id):
      if let reason = stream.table.rejection(of: id) {
        counters.messageRejected(reason.rawValue)
      } else {
        counters.messagePacked(.score)
      }
    case .topicEvent(let event):
      if case .details = event.source {
        counters.messagePacked(.tweet)
      } else {
        counters.messagePacked(.interaction)
      }
    case .rejected(let reason): counters.messageRejected(reason.rawValue)
    case .fence: counters.messagePacked(.fence)
    }
    perform(stream.brought(message, now: loop.now))
    armTick()
  }

  func feedFenced(_ totals: FenceTotals) -> FencePace? {
    logRejected(totals.rejected)
    let before = (lineage: stream.table.lineage, isFeederAtomic: stream.table.isFeederAtomic)
    let judgement = stream.fenced(totals, now: loop.now)
    perform(judgement.actions)
    armTick()
    if before.isFeederAtomic, !stream.table.isFeederAtomic {
      logger.notice(
        "a feeder sends the total and the message of a score as two commands, so fences find some under way; no harm is done"
      )
    }
    switch judgement.adoption {
    case .confirmed, .undecided, .explained: break
    case .repaired(let count):
      logger.notice("repaired what was missed", metadata: ["increments": "\(count)"])
    case .corrected(let repaired, 0):
      feedLog.log("totals corrected", at: loop.now) { suffix in
        logger.warning(
          "scores without a message were made up for\(suffix)", metadata: ["repaired": "\(repaired)"])
      }
    case .corrected(let repaired, let overcounted):
      feedLog.log("totals taken back", at: loop.now) { suffix in
        logger.warning(
          "more was told than Redis holds, and is taken back: edges start from a snapshot\(suffix)",
          metadata: ["repaired": "\(repaired)", "overcounted": "\(overcounted)"])
      }
    case .began where before.lineage == nil:
      logger.notice(
        "a lineage is taken up as Redis has it; whether Redis was set back while no hub was there, edges and clients know",
        metadata: ["lineage": "\(totals.lineage)", "position": "\(stream.table.position)"])
    case .began:
      logger.notice(
        "a lineage begins",
        metadata: ["lineage": "\(totals.lineage)", "before": "\(before.lineage?.description ?? "none")"])
    case .wentBackwards(let ids):
      // Totals of one lineage never shrink: Redis was flushed or restored, and its totals need a new name.
      feedLog.log("totals backwards", at: loop.now) { suffix in
        logger.warning(
          "the totals in Redis went backwards\(suffix)",
          metadata: ["ids": "\(ids.count)", "first": "\(ids.first?.description ?? "none")"])
      }
    }
    return judgement.pace
  }

  /// What the sorted set holds that is no score is told once, and again when it changes.
  private func logRejected(_ rejected: [RejectReason: FenceTotals.Rejected]) {
    guard rejected != rejectedTotals else { return }
    rejectedTotals = rejected
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

  func feedChanged(to state: FeedState) {
    switch state {
    case .interrupted(let interruption):
      counters.feedInterrupted()
      feedLog.log("\(interruption)", at: loop.now) { suffix in
        logger.warning("no messages from Redis: \(interruption)\(suffix)")
      }
    case .anchored:
      logger.info("messages come from Redis", metadata: ["position": "\(stream.table.position)"])
    case .unanchored(let reason):
      logger.warning("messages come from Redis, but nothing that is missed can be repaired: \(reason)")
    }
    perform(stream.feedChanged(to: state, now: loop.now, using: &random))
    armTick()
  }
}
