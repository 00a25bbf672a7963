public import Primitives
public import Wire

/// Makes of what several hubs send one stream of messages, as if it came from a single hub that never goes away.
///
/// - **Totals** of all hubs of one lineage are merged by maximum, each flush and each snapshot as a whole, so that what comes
///   out stands at a position that some hub flushed. Each hub's own totals are kept: what clients were told must be held by
///   one of them (``ExcessProbation``).
/// - **Raw ids** carry their positions and **topic events** their stamps; whichever hub brings one first, it goes on, and later copies do not.
///   That loses nothing as long as a hub leaves nothing out. So a hub whose stream has a beginning (it came, it
///   skipped, Redis was away from it, we want a topic more) is trusted only once another one has told everything before that
///   beginning; until then, what it sends is held. If the others go away, what is held goes on at once.
/// - Of several **lineages** one is followed: that of the first hub, in the order in which the operator named them, that hears
///   from Redis and is anchored. The others' totals are kept, in case theirs must be followed. A lineage is left only for that of a hub
///   that is heard, and one that was left is gone back to only if no hub that is anchored and heard has another: a hub of which frames
///   are still under way must not lead clients back. Nor must one that Redis cannot tell of a new history at present: for
///   ``returnDelay`` nobody is led back to where a hub merely stayed.
///
/// With a single hub all of it goes on as it comes.
public struct HubMerge: Sendable {
  /// For how long a hub that others have not caught up with is not trusted: they may hang.
  static let trustDelayMaximum = Duration.seconds(1)
  /// More parts than a flush can have: from there on they are not waited for.
  static let partsMaximum = 32

  var hubs: [HubFeed]
  private(set) var merged: [MergedUpdate] = []
  /// The last raw id that went on.
  var rawPosition: Position = 0
  /// The last event of each source that went on. A copy of an event comes within a few ticks of the first one, long
  /// before its source is forgotten.
  var stamps = RecentTable<TopicEvent.Source, TopicStamp>()

  /// The lineages that were left last, oldest first, and until when nobody is led back to them.
  var leftLineages: [(lineage: Lineage, until: Instant)] = []
  /// When something came last.
  private(set) var now = Instant.origin

  /// The lineage whose totals, raw ids and topic events go on; nil before the first snapshot.
  public internal(set) var lineage: Lineage?

  /// - Parameter hubCount: how many hubs there are, at least one. They are named by their places from 0 on.
  public init(hubCount: Int) {
    hubs = Array(repeating: HubFeed(), count: hubCount)
  }

  /// Whether the hubs hold something else than before, and not only more.
  private(set) var hasSupportChanged = false
  /// The hubs that took back, on their links, what they had said, and do not count among ``support`` yet.
  private var takers: Set<Int> = []

  /// Looks whether what clients were told is to be held against what the hubs hold.
  ///
  /// - Returns: whether a hub took something back itself; nil if nothing has changed.
  mutating func takeSupportChange() -> Bool? {
    guard hasSupportChanged, !support.isEmpty else { return nil }
    hasSupportChanged = false
    // A hub that took something back says a little later that it hears Redis. Before that its totals are merged and support
    // nothing, so that all that it is ahead of the others would be taken back with the rest.
    let counting = takers.filter { hubs[$0].isFresh }
    takers.subtract(counting)
    return !counting.isEmpty
  }

  /// The totals of the hubs that hear from Redis, in the lineage that is followed. What none of them holds was told too much.
  var support: [TotalsTable] {
    hubs.indices.filter { isFollowed($0) && hubs[$0].isFresh }.map { hubs[$0].totals }
  }

  /// What was told too much was taken back: positions of raw ids and stamps of events begin anew behind what the hub says that is
  /// trusted.
  mutating func renumbered() {
    for hub in hubs.indices where !hubs[hub].isFresh { hubs[hub].areTotalsDue = true }
    guard let leader else { return }
    renumber(from: min(rawPosition, hubs[leader].position))
    for hub in hubs.indices where hub != leader {
      hubs[hub].lostTrack()
      // Their numbers are those of before, and nobody could tell copies among them.
      hubs[hub].held = HubFeed.Held()
    }
  }

  /// Whether there is anything to merge.
  public var hasSeveralHubs: Bool { hubs.count > 1 }

  /// Whether the hub is up in the lineage that is followed.
  public func isFollowed(_ hub: Int) -> Bool {
    hubs[hub].isLive && hubs[hub].lineage == lineage && lineage != nil
  }

  /// The hub that alone is believed about growth that has no totals; nil if no hub is followed.
  public var leader: Int? { hubs.indices.first { hubs[$0].isTrusted } }

  /// Where a hub stands: the last place of which it has told everything; nil before its first snapshot.
  public func place(of hub: Int) -> ResumeToken? {
    hubs[hub].lineage.map { ResumeToken(lineage: $0, position: hubs[hub].position) }
  }

  /// The hubs that may be asked about the past, in the order in which to try.
  public var askable: [Int] {
    hubs.indices.filter { isFollowed($0) && !hubs[$0].isInterrupted }
      .sorted { (hubs[$0].isTrusted ? 0 : 1, $0) < (hubs[$1].isTrusted ? 0 : 1, $1) }
  }

  /// Takes out what is to be rendered, in order.
  public mutating func takeMerged() -> [MergedUpdate] {
    defer { merged = [] }
    return merged
  }

  // MARK: Links

  /// A hub welcomed us, and is told what we are interested in.
  ///
  /// - Parameter version: that of the link's messages.
  public mutating func linkOpened(
    to hub: Int, version: UInt8 = RelayProtocol.highestVersion, now: Instant
  ) {
    hubs[hub] = HubFeed(isLive: true, version: version, isConfirmationDue: hasSeveralHubs)
  }

  /// A link is gone.
  public mutating func linkClosed(to hub: Int, now: Instant) {
    self.now = now
    hubs[hub] = HubFeed()
    takers.remove(hub)
    hasSupportChanged = true
    follow()
    trustSomebody()
  }

  /// All hubs are told of further topics. One of them is believed about those at once, the others once they have confirmed.
  public mutating func interestAdded() {
    guard hasSeveralHubs else { return }
    let leader = leader
    for hub in hubs.indices where hubs[hub].isLive {
      hubs[hub].isConfirmationDue = true
      hubs[hub].coveredFrom = nil
      hubs[hub].isTrusted = hub == leader
    }
  }

  /// A hub has taken in all that we are interested in.
  public mutating func interestConfirmed(by hub: Int) {
    hubs[hub].isConfirmationDue = false
  }

  /// Whether a hub's scores are those of Redis at present has changed.
  public mutating func freshnessChanged(of hub: Int, to isFresh: Bool) {
    hubs[hub].isFresh = isFresh
    hasSupportChanged = true
    if isFresh, hubs[hub].areTotalsDue, isFollowed(hub), let lineage { emitTotals(of: hub, in: lineage) }
    if isFresh { hubs[hub].areTotalsDue = false }
    follow()
    trustSomebody()
  }

  /// Some time has passed; to be told every second or so.
  public mutating func timePassed(now: Instant) {
    self.now = now
    follow()
    trustSomebody()
    for hub in hubs.indices { trustIfLate(hub, now: now) }
  }

  // MARK: Messages

  /// A hub that has welcomed us sent something. What is not for clients changes nothing.
  public mutating func received(_ message: Message, from hub: Int, now: Instant) {
    self.now = now
    switch message {
    case .snapshot(let snapshot): received(snapshot, from: hub, now: now)
    case .scores(let scores): received(scores, from: hub, now: now)
    case .raw, .topicEvent: receivedEvent(message, from: hub, now: now)
    case .gap:
      hubs[hub].isGapped = true
      hubs[hub].lostTrack()
      trustSomebody()
      if case .gap(let gap) = message { emit(.gap(gap)) }
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
    // A single hub's numbers are the only ones there are.
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

  /// A flush may have several parts, of which only the last one tells its position. All go on together.
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
