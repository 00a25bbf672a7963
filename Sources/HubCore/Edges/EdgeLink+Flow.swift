import PlantedFaults
import Primitives
import Wire

extension EdgeLink {
  /// True if a snapshot is due: the link is welcomed, has room, and has not had a snapshot to follow from.
  package var needsSnapshot: Bool { hello != nil && flow == .behind }

  /// True if scores may be queued. The next snapshot makes up for scores that may not.
  package var admitsScores: Bool { hello != nil && flow == .following }

  /// Asks whether a number of raw ids may be queued; if not, they count as skipped.
  package mutating func admitsRaw(count: Int) -> Bool {
    guard hello != nil else { return false }
    guard flow == .following else {
      skip(raw: UInt64(count), topicEvents: 0)
      return false
    }
    return true
  }

  /// Asks whether a topic event may be queued; if not, it counts as skipped.
  package mutating func admitsTopicEvent() -> Bool {
    guard hello != nil else { return false }
    guard flow == .following else {
      skip(raw: 0, topicEvents: 1)
      return false
    }
    return true
  }

  /// The gap to send before the next snapshot; nil if nothing was skipped since the last one.
  package mutating func takeGap() -> Gap? {
    defer { pendingGap = Gap(skippedRaw: 0, skippedTopicEvents: 0) }
    if planted(.gapForgotten) { return nil }
    return pendingGap.skippedRaw + pendingGap.skippedTopicEvents > 0 ? pendingGap : nil
  }

  /// All parts of a snapshot were queued, after the gap if there was one: the link follows.
  ///
  /// A snapshot alone may exceed the limit of the backlog, so the limit comes on top of it until it is sent.
  package mutating func snapshotQueued(backlog: Int, now: Instant) {
    precondition(needsSnapshot, "a snapshot that the link did not ask for")
    flow = .following
    backlogLimit = backlog + terms.backlogMaximum
    framesQueued(backlog: backlog, now: now)
  }

  /// Another lineage began, or totals fell: the edge needs a snapshot before anything else.
  package mutating func snapshotRequired() {
    if flow == .following && !planted(.snapshotForgotten) { flow = .behind }
  }

  /// Frames were queued.
  ///
  /// - Parameter backlog: how many bytes wait for the connection now.
  package mutating func framesQueued(backlog: Int, now: Instant) {
    // An idle connection makes no progress: the stall timeout begins with the first waiting byte.
    if self.backlog == 0 { lastProgress = now }
    self.backlog = backlog
    if backlog > backlogLimit && flow == .following { flow = .skipping }
  }

  /// The connection accepted bytes.
  ///
  /// - Parameter backlog: how many bytes still wait for it.
  package mutating func bytesSent(backlog: Int, now: Instant) {
    lastProgress = now
    self.backlog = backlog
    if backlog == 0 { unreadAnswers = 0 }
    if backlog <= terms.backlogMaximum { backlogLimit = terms.backlogMaximum }
    if backlog == 0 && flow == .skipping { flow = .behind }
  }

  private mutating func skip(raw: UInt64, topicEvents: UInt64) {
    skippedRaw += raw
    skippedTopicEvents += topicEvents
    pendingGap = Gap(
      skippedRaw: pendingGap.skippedRaw + raw, skippedTopicEvents: pendingGap.skippedTopicEvents + topicEvents
    )
  }
}
