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
      counters.messagePacked(.score)
      packer.incremented(id, now: loop.now)
    case .topicEvent(let event):
      if case .details = event.source {
        counters.messagePacked(.tweet)
      } else {
        counters.messagePacked(.interaction)
      }
      topics.append(event, at: packer.table.position)
      if topics.isOverfull { publishTopicEvents() }
      armTopics()
    case .rejected(let reason): counters.messageRejected(reason.rawValue)
    case .fence: counters.messagePacked(.fence)
    }
    armTick()
  }

  func feedFenced(_ totals: FenceTotals) -> FencePace? {
    if !totals.rejected.isEmpty {
      feedLog.log("totals rejected", at: loop.now) { suffix in
        logger.warning(
          "some members of the sorted set are no scores\(suffix)",
          metadata: ["rejected": "\(totals.rejected)"])
      }
    }
    let before = packer.table.lineage
    let wasUnplaced = packer.table.isUnplaced
    let statusBefore = feedStatus
    let positionBefore = packer.table.position
    let wasFeederAtomic = packer.table.isFeederAtomic
    let adoption = packer.fenced(
      lineage: totals.lineage, totals: totals.totals, unreadable: totals.unreadable, counted: totals.counted,
      now: loop.now)
    switch adoption {
    case .confirmed, .undecided: break
    case .explained:
      guard wasFeederAtomic else { break }
      logger.notice(
        "a feeder sends the total and the message of a score as two commands, so fences find some under way; no harm is done"
      )
    case .repaired(let count):
      logger.notice("repaired what was missed", metadata: ["increments": "\(count)"])
    case .corrected(let repaired, let overcounted):
      feedLog.log("totals corrected", at: loop.now) { suffix in
        logger.warning(
          "scores without a message, or messages without a score, were made up for\(suffix)",
          metadata: ["repaired": "\(repaired)", "overcounted": "\(overcounted)"])
      }
    case .began(let closing):
      if let closing { publish(closing) }
      if !wasUnplaced { publishTopicEvents() }
      logger.notice(
        "a lineage begins",
        metadata: ["lineage": "\(totals.lineage)", "before": "\(before?.description ?? "none")"])
      beginLineage()
    case .wentBackwards(let ids):
      // Totals of one lineage never shrink: Redis was flushed or restored, and its totals need a new name.
      feedLog.log("totals backwards", at: loop.now) { suffix in
        logger.warning(
          "the totals in Redis went backwards\(suffix)",
          metadata: ["ids": "\(ids.count)", "first": "\(ids.first?.description ?? "none")"])
      }
      return nil
    }
    // What was missed, or lost, lies before the events that came while that was found out.
    if wasUnplaced { topics.moved(from: positionBefore, to: packer.table.position) }
    publishSnapshots()
    if feedStatus != statusBefore { tellFeed() }
    armTopics()
    armTick()
    return packer.table.fencePace
  }

  func feedChanged(to state: FeedState) {
    feedState = state
    switch state {
    case .interrupted(let interruption):
      if packer.table.isUnplaced { counters.topicEventsForgotten(topics.forgetUnplaced()) }
      if let closing = packer.feedInterrupted() { publish(closing) }
      publishTopicEvents()
      counters.feedInterrupted()
      feedLog.log("\(interruption)", at: loop.now) { suffix in
        logger.warning("no messages from Redis: \(interruption)\(suffix)")
      }
    case .anchored:
      logger.info("messages come from Redis", metadata: ["position": "\(packer.table.position)"])
    case .unanchored(let reason):
      logger.warning("messages come from Redis, but nothing that is missed can be repaired: \(reason)")
      unanchor()
    }
    tellFeed()
    armTick()
  }

  private func tellFeed() {
    for link in links.values where link.node != nil { link.send(.feed(feedStatus)) }
  }

  private func unanchor() {
    if case .began(let closing) = packer.fenceFailed(ownLineage: Lineage(using: &random), now: loop.now) {
      if let closing { publish(closing) }
      beginLineage()
    }
    publishSnapshots()
    armTopics()
  }

  /// What the edges are told of it.
  var feedStatus: FeedStatus {
    switch feedState {
    case .anchored where packer.table.standing == .awaitingFence:
      FeedStatus(state: .interrupted, isAnchored: false)
    case .anchored: FeedStatus(state: .live, isAnchored: true)
    case .unanchored: FeedStatus(state: .live, isAnchored: false)
    case .interrupted, nil: FeedStatus(state: .interrupted, isAnchored: packer.table.standing == .anchored)
    }
  }
}
