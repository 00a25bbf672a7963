public import Primitives
import Wire

// When what is new is handed over.
extension EdgeStream {
  /// When ``paceTimerTriggered(now:)`` is due; nil if nothing waits for its pace.
  public var paceDeadline: Instant? { pacer.deadline }

  /// When a turn is to end at the latest, for those who wait for their openings; nil while nobody does.
  /// Or for those who ask hubs about what was told too much.
  public var openingDeadline: Instant? {
    [desk.deadline.map { max($0, holdsClientsUntil) }, excess?.askAt].compactMap(\.self).min()
  }

  /// All that came in this turn becomes one update for the workers, unless there was one so lately that several hubs must be at
  /// work.
  public mutating func turnEnded(now: Instant) -> [Action] {
    var actions: [Action] = []
    askAboutExcess(now, &actions)
    if renderer.hasUpdates, pacer.updateCame(now: now) { takeUpdates(&actions) }
    openStreams(now, &actions)
    return actions
  }

  /// What waited for its pace is due.
  public mutating func paceTimerTriggered(now: Instant) -> [Action] {
    pacer.timerTriggered(now: now)
    var actions: [Action] = []
    takeUpdates(&actions)
    openStreams(now, &actions)
    return actions
  }

  /// Some time has passed; to be told every second or so.
  public mutating func timePassed(now: Instant) -> [Action] {
    let expired = interest.takeExpired(at: now)
    var actions = liveHubs.flatMap { hub in expired.map { Action.send(.interest($0), hub: hub) } }
    renderer.age(at: now)
    desk.age(at: now)
    change(now, &actions) { $0.timePassed(now: now) }
    return actions
  }

  // MARK: Rendering

  /// Renders what was merged.
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
      // A later flush waits no longer than the first one, and a copy that another hub sent brings nothing new.
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
