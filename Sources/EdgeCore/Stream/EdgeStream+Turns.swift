import Primitives
import Wire

// When updates are handed over.
extension EdgeStream {
  /// When ``paceTimerTriggered(now:)`` is due; nil if no update waits for its pace.
  package var paceDeadline: Instant? { pacer.deadline }

  /// When a turn must end at the latest, for clients that wait for their openings or for a question about excess; nil
  /// if there is neither.
  package var openingDeadline: Instant? {
    .earliest(resolver.deadline, excess?.askAt)
  }

  /// All updates of this turn are handed to the workers as one, unless the last one was too recent, as happens with
  /// several hubs.
  package mutating func turnEnded(now: Instant) -> [Action] {
    var actions: [Action] = []
    askAboutExcess(now, &actions)
    if renderer.hasUpdates, pacer.updateCame(now: now) { takeUpdates(&actions) }
    openStreams(now, &actions)
    return actions
  }

  /// The update that waited for its pace is due.
  package mutating func paceTimerTriggered(now: Instant) -> [Action] {
    pacer.timerTriggered(now: now)
    var actions: [Action] = []
    takeUpdates(&actions)
    openStreams(now, &actions)
    return actions
  }

  /// Time has passed; to be called about every second.
  package mutating func timePassed(now: Instant) -> [Action] {
    let expired = interest.takeExpired(at: now)
    var actions = liveHubs.flatMap { hub in expired.map { Action.send(.interest($0), hub: hub) } }
    actions += sendAdded()
    renderer.age(at: now)
    resolver.age(at: now)
    change(now, &actions) { $0.timePassed(now: now) }
    return actions
  }

  // MARK: Rendering

  /// Renders the merged updates.
  mutating func renderMerged(_ actions: inout [Action]) {
    for update in merge.takeMerged() {
      if case .totals(let totals) = update, totals.isSnapshot {
        repair.snapshotCame(
          at: ResumeToken(lineage: totals.lineage, position: totals.position),
          behind: renderer.mirror.reached)
      }
      if case .topicEvent(let event) = update {
        render(repair.eventCame(event), &actions)
        continue
      }
      let waited = renderer.hasUpdates
      renderer.receive(update)
      // A later flush waits no longer than the first one, and another hub's copy adds nothing.
      if case .totals(let totals) = update, !waited, renderer.hasUpdates,
        let stamp = totals.hubStampMicroseconds
      {
        hubStampMicroseconds = stamp
      }
    }
  }

  mutating func render(_ events: [TopicEvent], _ actions: inout [Action]) {
    for event in events { renderer.receive(.topicEvent(event)) }
    if !events.isEmpty { actions.append(.endTurn) }
  }

  private mutating func takeUpdates(_ actions: inout [Action]) {
    let updates = renderer.takeUpdates()
    if !updates.isEmpty { actions.append(.update(updates, hubStampMicroseconds: hubStampMicroseconds)) }
    hubStampMicroseconds = nil
  }

  mutating func takeEvents(_ actions: inout [Action]) {
    let updates = renderer.takeEvents()
    guard !updates.isEmpty else { return }
    actions.append(.updateEvents(updates, hubStampMicroseconds: hubStampMicroseconds))
  }
}
