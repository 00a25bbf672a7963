import PlantedFaults
import Primitives
import Wire

/// Merges the streams of several hubs into one, as if it came from a single hub that never goes away.
///
/// - **Totals** of all hubs of one lineage are merged by maximum, each flush and each snapshot as a whole, so that
///   the result is at a position that some hub flushed. The totals of each hub are kept too: at least one hub
///   must hold what clients were sent (``ExcessConfirmation``).
/// - **Raw ids** carry their positions and **topic events** their stamps; the first copy of an event is passed on,
///   later copies are dropped. That loses nothing as long as a hub skips nothing. So a hub whose stream has a
///   beginning (a new link, a gap, an interrupted feed, a further topic) is trusted only once another hub has sent
///   everything before that beginning; until then, its events are held. If the other hubs go away, the held events
///   are passed on at once.
/// - Of several **lineages** the edge follows one: that of the first hub, in the operator's order, that hears from
///   Redis and is anchored. The totals of the others are kept, in case their lineage must be followed. The edge
///   leaves a lineage only for that of a hub that is heard. It returns to a lineage only if no anchored hub that is
///   heard has another one: a hub with frames still under way must not lead clients back. Nor must a hub that is cut
///   off from Redis and cannot know of a new history: for ``returnDelay`` the edge does not return to a lineage where
///   a hub merely stayed.
///
/// With a single hub everything is passed on as it arrives.
package struct HubMerge: Sendable {
  /// How long a hub waits for trust if others do not catch up: they may hang.
  static let trustDelayMaximum = Duration.seconds(1)
  /// More parts than a flush can have; with more, the flush counts as complete.
  static let partsMaximum = 32

  var hubs: [HubFeed]
  private(set) var merged: [MergedUpdate] = []
  /// The last raw id that was passed on.
  var rawPosition: Position = 0
  /// The last event of each source that was passed on. A copy of an event arrives within a few ticks of the first
  /// one, long before its source is forgotten.
  var stamps = RecentTable<TopicEvent.Source, TopicStamp>()

  /// The lineages that were left last, oldest first, and until when the edge does not return to them.
  var leftLineages: [(lineage: Lineage, until: Instant)] = []
  /// The time of the last event.
  private(set) var now = Instant.origin

  /// The lineage that the edge follows; nil before the first snapshot.
  package internal(set) var lineage: Lineage?

  /// - Parameter hubCount: the number of hubs, at least one. A hub is identified by its index.
  package init(hubCount: Int) {
    hubs = Array(repeating: HubFeed(), count: hubCount)
  }

  /// Whether the hubs' totals have changed other than by growth, or must be compared once more for another reason.
  var hasSupportChanged = false
  /// The hubs that took something back on their links, and do not count in ``support`` yet.
  private var takers: Set<Int> = []

  /// Takes out whether clients' totals must be compared with the hubs' totals.
  ///
  /// - Returns: whether a hub took something back itself; nil if nothing has changed.
  mutating func takeSupportChange() -> Bool? {
    guard hasSupportChanged, !support.isEmpty else { return nil }
    hasSupportChanged = false
    // A hub that took something back reports a little later that it hears from Redis. Before that its totals are
    // merged but support nothing: everything in which it is ahead of the others would be taken back as well.
    let counting = takers.filter { hubs[$0].isFresh }
    takers.subtract(counting)
    return !counting.isEmpty
  }

  /// The totals of the hubs that hear from Redis, in the followed lineage. A total that none of them holds is excess.
  var support: [TotalsTable] {
    hubs.indices.filter { isFollowed($0) && hubs[$0].isFresh }.map { hubs[$0].totals }
  }

  /// The edge took something back: positions of raw ids and stamps of events start over at the trusted hub's position.
  mutating func renumbered() {
    for hub in hubs.indices where !hubs[hub].isFresh { hubs[hub].areTotalsDue = true }
    guard let leader else { return }
    renumber(from: min(rawPosition, hubs[leader].position))
    for hub in hubs.indices where hub != leader {
      hubs[hub].lostTrack()
      // Their positions are those from before, so copies among them could not be recognized.
      hubs[hub].held = HubFeed.Held()
    }
  }

  /// Whether there is more than one hub.
  package var hasSeveralHubs: Bool { hubs.count > 1 }

  /// Whether the hub's link is live in the followed lineage.
  package func isFollowed(_ hub: Int) -> Bool {
    hubs[hub].isLive && hubs[hub].lineage == lineage && lineage != nil
  }

  /// The only hub whose growth without totals counts; nil if no hub is trusted.
  package var leader: Int? { hubs.indices.first { hubs[$0].isTrusted } }

  /// The last place up to which a hub has sent everything; nil before its first snapshot.
  package func place(of hub: Int) -> ResumeToken? {
    hubs[hub].lineage.map { ResumeToken(lineage: $0, position: hubs[hub].position) }
  }

  /// The hubs that may be asked about the past, in order of preference.
  package var askable: [Int] {
    hubs.indices.filter { isFollowed($0) && !hubs[$0].isInterrupted }
      .sorted { (hubs[$0].isTrusted ? 0 : 1, $0) < (hubs[$1].isTrusted ? 0 : 1, $1) }
  }

  /// Takes out the updates to render, in order.
  package mutating func takeMerged() -> [MergedUpdate] {
    defer { merged = [] }
    return merged
  }

  // MARK: Links

  /// A hub sent its welcome, and is sent the edge's interest.
  ///
  /// - Parameter version: the version of the link's messages.
  package mutating func linkOpened(
    to hub: Int, version: UInt8 = RelayProtocol.highestVersion, now: Instant
  ) {
    hubs[hub] = HubFeed(isLive: true, version: version, isConfirmationDue: hasSeveralHubs)
  }

  /// A link is lost.
  package mutating func linkClosed(to hub: Int, now: Instant) {
    self.now = now
    hubs[hub] = HubFeed()
    takers.remove(hub)
    hasSupportChanged = true
    follow()
    trustSomebody()
  }

  /// All hubs are sent further topics. One hub is trusted for them at once, the others once they have confirmed.
  package mutating func interestAdded() {
    guard hasSeveralHubs else { return }
    let leader = leader
    for hub in hubs.indices where hubs[hub].isLive {
      hubs[hub].isConfirmationDue = true
      hubs[hub].coveredFrom = nil
      hubs[hub].isTrusted = hub == leader
    }
  }

  /// A hub has confirmed the whole interest of the edge.
  package mutating func interestConfirmed(by hub: Int) {
    hubs[hub].isConfirmationDue = false
  }

  /// A hub became fresh, or ceased to be.
  package mutating func freshnessChanged(of hub: Int, to isFresh: Bool) {
    hubs[hub].isFresh = isFresh
    hasSupportChanged = true
    if isFresh, hubs[hub].areTotalsDue, isFollowed(hub), let lineage { emitTotals(of: hub, in: lineage) }
    if isFresh { hubs[hub].areTotalsDue = false }
    follow()
    trustSomebody()
  }

  /// Time has passed; to be called about every second.
  package mutating func timePassed(now: Instant) {
    self.now = now
    follow()
    trustSomebody()
    for hub in hubs.indices { trustIfLate(hub, now: now) }
  }

  // MARK: Messages

  /// A live hub sent a message. Messages that are not for clients change nothing.
  package mutating func received(_ message: Message, from hub: Int, now: Instant) {
    self.now = now
    switch message {
    case .snapshot(let snapshot): received(snapshot, from: hub, now: now)
    case .scores(let scores): received(scores, from: hub, now: now)
    case .raw, .topicEvent: receivedEvent(message, from: hub, now: now)
    case .gap(let gap) where !planted(.gapIgnored):
      hubs[hub].isGapped = true
      hubs[hub].lostTrack()
      trustSomebody()
      emit(.gap(gap))
    case .feed(let feed):
      hubs[hub].feed = feed
      if hubs[hub].isInterrupted { hubs[hub].lostTrack() }
      follow()
      trustSomebody()
    default: break
    }
  }

  private mutating func received(_ snapshot: Snapshot, from hub: Int, now: Instant) {
    hubs[hub].snapshotParts.append(snapshot)
    guard snapshot.isLast else { return }
    let parts = hubs[hub].snapshotParts
    hubs[hub].snapshotParts = []
    hubs[hub].scoresParts = []
    hubs[hub].isGapped = false
    hasSupportChanged = true
    let isOther = hubs[hub].lineage != snapshot.lineage
    let hasFallen = hubs[hub].replaceTotals(by: parts)
    if isOther {
      // What it took back belongs to the lineage that it left.
      takers.remove(hub)
      hubs[hub].hasMoved = hubs[hub].lineage != nil
      hubs[hub].lineage = snapshot.lineage
      hubs[hub].lostTrack()
      hubs[hub].held = HubFeed.Held()
    }
    if isOther || hasFallen {
      hubs[hub].position = 0
      hubs[hub].flushedPosition = 0
    }
    if hasFallen && !isOther { takers.insert(hub) }
    hubs[hub].reached(snapshot.position, at: now)
    if lineage == nil || !hasSeveralHubs { begin(snapshot.lineage) }
    // With a single hub there are no other positions to compare with.
    if !hasSeveralHubs, snapshot.position < rawPosition { renumber(from: snapshot.position) }
    if snapshot.lineage == lineage {
      emit(.totals(MergedTotals(parts, in: snapshot.lineage, position: snapshot.position)))
    } else {
      follow()
    }
    trustSomebody()
  }

  private mutating func renumber(from position: Position) {
    rawPosition = position
    stamps = RecentTable()
  }

  /// A flush may have several parts, of which only the last one carries its position. They are passed on together.
  private mutating func received(_ scores: Scores, from hub: Int, now: Instant) {
    hubs[hub].scoresParts.append(scores)
    let isLast =
      scores.position > hubs[hub].position || hubs[hub].scoresParts.count > Self.partsMaximum
    guard isLast else { return }
    let parts = hubs[hub].scoresParts
    hubs[hub].scoresParts = []
    let settledPosition = hubs[hub].flushedPosition
    hubs[hub].flushedPosition = scores.position
    hubs[hub].reached(scores.position, at: now)
    for part in parts { hubs[hub].keep(part.entries) }
    guard isFollowed(hub), let lineage else { return }
    emit(
      .totals(MergedTotals(parts, in: lineage, position: scores.position, hasUntracked: hub == leader)))
    trustThose(behind: hub, at: settledPosition)
  }

  mutating func emit(_ update: MergedUpdate) { merged.append(update) }
}
