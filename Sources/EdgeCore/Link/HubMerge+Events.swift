import PlantedFaults
import Primitives
import Wire

// Raw ids and topic events: each is passed on once, in order, from the hub that sends it first.
extension HubMerge {
  mutating func receivedEvent(_ message: Message, from hub: Int, now: Instant) {
    guard isFollowed(hub) else { return }
    guard !hubs[hub].isTrusted else { return pass(message) }
    hubs[hub].held.append(message)
    if hubs[hub].held.isOverfull {
      // The trusted hubs send these events too: this hub's stream starts over.
      hubs[hub].held = HubFeed.Held()
      hubs[hub].lostTrack()
    }
    trustIfLate(hub, now: now)
  }

  private mutating func pass(_ message: Message) {
    switch message {
    case .raw(let batch): pass(batch)
    case .topicEvent(let event):
      if let last = stamps[event.source], event.stamp <= last, !planted(.eventsRepeated) { return }
      stamps[event.source] = event.stamp
      emit(.topicEvent(event))
    default: break
    }
  }

  private mutating func pass(_ batch: RawBatch) {
    guard !batch.ids.isEmpty else { return }
    let last = batch.firstPosition + Position(batch.ids.count - 1)
    if planted(.rawRepeated) { return emit(.raw(batch)) }
    guard last > rawPosition else { return }
    let known = rawPosition < batch.firstPosition ? 0 : rawPosition - batch.firstPosition + 1
    rawPosition = last
    guard known > 0 else { return emit(.raw(batch)) }
    emit(
      .raw(RawBatch(firstPosition: batch.firstPosition + known, ids: Array(batch.ids[Int(known)...]))))
  }

  /// Whether an event of a topic waits until its hub is trusted. Copies of events that were passed on do not count.
  func isHolding(_ topic: TopicID) -> Bool {
    let source = TopicEvent.Source.details(topic)
    let passed = stamps[source]
    return hubs.contains { hub in
      hub.held.lastStamps[source].map { last in passed.map { $0 < last } ?? true } ?? false
    }
  }

  // MARK: Trust

  /// - Parameter end: the position up to which no further events are passed on. Events before it that were not wanted
  ///   in time may have reached clients in a list.
  private mutating func trust(_ hub: Int, behind end: Position = 0) {
    hubs[hub].isTrusted = true
    hubs[hub].isUnbroken = true
    rawPosition = max(rawPosition, end)
    for message in hubs[hub].held.takeAll() {
      if case .topicEvent(let event) = message, event.stamp.position <= end, end > 0 { continue }
      pass(message)
    }
  }

  /// A trusted hub has sent everything from its own beginning up to a position. Hubs whose stream begins before that
  /// position are now trusted too.
  mutating func trustThose(behind teller: Int, at position: Position) {
    guard hubs[teller].isTrusted, let beginning = hubs[teller].coveredFrom, beginning < position else {
      return
    }
    for hub in hubs.indices where !hubs[hub].isTrusted && isFollowed(hub) {
      // At one position there may be topic events after the flush: only beyond the position have all of them been sent.
      if let start = hubs[hub].coveredFrom, start < position { trust(hub, behind: beginning) }
    }
  }

  /// Trusts a hub if the other hubs did not send everything before its beginning within ``trustDelayMaximum``.
  mutating func trustIfLate(_ hub: Int, now: Instant) {
    guard !hubs[hub].isTrusted, isFollowed(hub), hubs[hub].coveredFrom != nil,
      hubs[hub].coveredAt.advanced(by: Self.trustDelayMaximum) <= now
    else { return }
    trust(hub)
  }

  /// If no trusted hub hears from Redis, no hub can send what came before: trusts the hub that knows most.
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
