import Primitives
import Wire

// Raw ids and topic events: each goes on once, in order, whichever hub brings it first.
extension HubMerge {
  mutating func receivedEvent(_ message: Message, from hub: Int, now: Instant) {
    guard isFollowed(hub) else { return }
    guard !hubs[hub].isTrusted else { return pass(message) }
    hubs[hub].held.append(message)
    if hubs[hub].held.isOverfull {
      // The others tell it: this hub's stream begins anew.
      hubs[hub].held = HubFeed.Held()
      hubs[hub].lostTrack()
    }
    trustIfLate(hub, now: now)
  }

  private mutating func pass(_ message: Message) {
    switch message {
    case .raw(let batch): pass(batch)
    case .topicEvent(let event):
      if let last = stamps[event.source], event.stamp <= last { return }
      stamps[event.source] = event.stamp
      emit(.topicEvent(event))
    default: break
    }
  }

  private mutating func pass(_ batch: RawBatch) {
    guard !batch.ids.isEmpty else { return }
    let last = batch.firstPosition + Position(batch.ids.count - 1)
    guard last > rawPosition else { return }
    let known = rawPosition < batch.firstPosition ? 0 : rawPosition - batch.firstPosition + 1
    rawPosition = last
    guard known > 0 else { return emit(.raw(batch)) }
    emit(
      .raw(RawBatch(firstPosition: batch.firstPosition + known, ids: Array(batch.ids[Int(known)...]))))
  }

  // MARK: Trust

  /// - Parameter told: up to where everything is told that ever will be. What of it was not wanted in time to be told
  ///   live may have been told as a list.
  private mutating func trust(_ hub: Int, behind told: Position = 0) {
    hubs[hub].isTrusted = true
    hubs[hub].isUnbroken = true
    rawPosition = max(rawPosition, told)
    for message in hubs[hub].held.takeAll() {
      if case .topicEvent(let event) = message, event.stamp.position <= told, told > 0 { continue }
      pass(message)
    }
  }

  /// A hub that is trusted has told everything from its own beginning up to a position: those whose stream begins before that
  /// are trusted too.
  mutating func trustThose(behind teller: Int, at position: Position) {
    guard hubs[teller].isTrusted, let beginning = hubs[teller].coveredFrom, beginning < position else {
      return
    }
    for hub in hubs.indices where !hubs[hub].isTrusted && isFollowed(hub) {
      // At one position there may be topic events behind the flush: only beyond it all of them were told.
      if let start = hubs[hub].coveredFrom, start < position { trust(hub, behind: beginning) }
    }
  }

  /// Those who should have told what was before the hub's beginning had their time.
  mutating func trustIfLate(_ hub: Int, now: Instant) {
    guard !hubs[hub].isTrusted, isFollowed(hub), hubs[hub].coveredFrom != nil,
      hubs[hub].coveredAt.advanced(by: Self.trustDelayMaximum) <= now
    else { return }
    trust(hub)
  }

  /// Where no hub is trusted that hears from Redis, nobody can tell what was before: the one that knows most is.
  mutating func trustSomebody() {
    guard !hubs.contains(where: { $0.isTrusted && !$0.isInterrupted }) else { return }
    guard let best = hubs.indices.filter(isFollowed).min(by: { order($0) < order($1) }),
      !hubs[best].isTrusted
    else { return }
    for hub in hubs.indices { hubs[hub].isTrusted = false }
    trust(best)
  }

  private func order(_ hub: Int) -> (Int, Int, Position, Int) {
    let feed = hubs[hub]
    return (
      feed.isInterrupted || feed.isGapped ? 1 : 0, feed.isUnbroken ? 0 : 1, feed.coveredFrom ?? .max, hub
    )
  }
}
