import HTTP
import PlantedFaults
import Primitives
import Wire

/// The entries of the streams whose events carry their place: rendered beside the plain ones, from the same growth
/// and ids. Without clients nothing is rendered.
struct IdentifiedUpdates: Sendable {
  private var scoresClients = 0
  private var rawClients = 0

  /// The number of the mirror's beginning from which clients add up; nil before the first totals.
  private var begun: UInt64?
  private var lineage: Lineage?
  /// The checksum of the totals after the last raw id, and its position; nil if that is not known.
  private var rawReached: (position: Position, checksum: Checksum)?
  private var raw: [UInt8] = []
  private var rawCount = 0
  private var lastRawID: EventID?
  /// The entries of raw before another lineage began, and the event with which it begins.
  private var rawUpdates: [StreamUpdate] = []
  /// The lineage in which clients add up.
  private var announced: Lineage?
  /// The event with which clients that add up start over, and its place.
  private var beginning: (bytes: [UInt8], place: ResumeToken)?

  /// The latest raw ids, for clients that resume.
  private(set) var history = RawHistory()
  /// How often raw got its first client. The ids are known without a gap only since the last time.
  private(set) var rawAudience: UInt64 = 0

  /// A client asks for a stream. It counts from this moment, so that the stream is rendered before it joins.
  mutating func clientJoined(_ kind: StreamKind) {
    let hadRaw = rawClients > 0
    count(kind, 1)
    if !hadRaw && rawClients > 0 { rawAudience += 1 }
  }

  /// A client left, or gave up waiting.
  mutating func clientLeft(_ kind: StreamKind) {
    count(kind, -1)
    if rawClients == 0 { history.clear() }
  }

  private mutating func count(_ kind: StreamKind, _ difference: Int) {
    guard kind.isIdentified else { return }
    if kind.rate == nil { rawClients += difference } else { scoresClients += difference }
  }

  // MARK: Received

  /// Raw ids arrived, in the lineage of the totals.
  mutating func received(_ batch: RawBatch, _ mirror: ScoreMirror) {
    guard rawClients > 0, let lineage, let last = batch.ids.indices.last else { return }
    let end = batch.firstPosition + Position(last)
    let start: Checksum?
    if let rawReached, rawReached.position + 1 == batch.firstPosition {
      start = rawReached.checksum
    } else {
      // The totals of a flush precede its ids: if they are those at the last id, they also give the totals before the
      // first.
      start = mirror.checksum(at: end)?.before(batch.ids)
    }
    rawReached = start.map { (end, $0.behind(batch.ids)) }
    for event in history.append(batch.ids, firstPosition: batch.firstPosition, behind: start) {
      lastRawID = UpdateRenderer.render(event, in: lineage, to: &raw)
      rawCount += 1
    }
  }

  /// Totals were merged or taken back; clients that add up may have to start over.
  mutating func merged(into mirror: ScoreMirror) {
    guard let published = mirror.published, mirror.beginning.number != begun else { return }
    if begun != nil, planted(.resetForgotten) { return }
    let isFirst = begun == nil
    begun = mirror.beginning.number
    lineage = published.lineage
    // Before the first totals no stream has begun: see `OpeningResolver`.
    guard !isFirst else { return }
    collectRaw()
    history.clear()
    rawReached = nil
    let reason: OpeningText.Reason = mirror.beginning.isCorrection ? .corrected : .newLineage
    if rawClients > 0 {
      let bytes = OpeningText.reset(reason, at: published)
      rawUpdates.append(
        StreamUpdate(
          kind: .identifiedRaw,
          entry: StreamEntry(bytes: bytes, eventCount: 1, id: EventID(published), isReset: true)))
      // The snapshot may be ahead of the hub's last flush: ids that follow, and are included in it, would lead
      // clients back.
      history.begin(at: published.position, mirror.checksum(at: published.position))
    }
    beginning =
      scoresClients > 0
      ? (OpeningText.reset(reason) + OpeningText.snapshot(mirror.publishedTotals, at: published), published)
      : nil
  }

  /// A hub listed the raw ids after a place. If the question was for clients that have all left since, ids may have
  /// passed unseen, and the answer is useless.
  mutating func learned(
    _ events: [RawHistory.Event], after place: ResumeToken, for audience: UInt64, _ mirror: ScoreMirror
  ) {
    guard rawClients > 0, audience == rawAudience, place.lineage == lineage else { return }
    history.extend(from: place.position, with: events, mirror.checksum(at:))
  }

  /// Places have no check from now on.
  mutating func dropChecks() {
    rawReached = nil
    if let end = history.end { history.begin(at: end, nil) }
  }

  /// All resuming clients have been answered.
  mutating func trimHistory() { history.trim() }

  /// A client of raw was given a place. Without known ids that is the place of the totals. Ids up to there may still
  /// arrive after the totals, and must not lead the client back.
  ///
  /// - Parameter mirror: the totals sent to clients.
  mutating func rawBegan(at mirror: ScoreMirror) {
    guard rawClients > 0, history.end == nil, let published = mirror.published else { return }
    history.begin(at: published.position, mirror.checksum(at: published.position))
  }

  // MARK: New

  /// Whether there is anything new other than growth.
  var hasUpdates: Bool { rawCount > 0 || !rawUpdates.isEmpty || beginning != nil }

  /// Takes out the new entries of raw.
  mutating func takeRaw() -> [StreamUpdate] {
    collectRaw()
    defer { rawUpdates = [] }
    return rawUpdates
  }

  /// Takes out the last growth of ended lineages and the beginning of a new one, for clients that add up.
  mutating func takeScores(farewells: [ScoreMirror.Farewell]) -> [StreamUpdate] {
    var updates: [StreamUpdate] = []
    defer { announced = lineage }
    if scoresClients > 0 {
      // A lineage that ended before any client was sent any of it leaves nothing to send: clients begin in the new one.
      for farewell in farewells {
        guard let end = farewell.end, end.lineage == announced else { continue }
        updates.append(UpdateRenderer.update(.identifiedEPS(.full), farewell.growth, id: EventID(end)))
      }
    }
    if let (bytes, place) = beginning {
      let entry = StreamEntry(bytes: bytes, eventCount: 2, id: EventID(place), isReset: true)
      updates.append(StreamUpdate(kind: .identifiedEPS(.full), entry: entry))
      beginning = nil
    }
    return updates
  }

  /// Renders growth as an event with its place.
  func grown(_ growth: [ScoreGrowth], to place: ResumeToken) -> [StreamUpdate] {
    scoresClients > 0 ? [UpdateRenderer.update(.identifiedEPS(.full), growth, id: EventID(place))] : []
  }

  private mutating func collectRaw() {
    guard rawCount > 0 else { return }
    let entry = StreamEntry(bytes: raw, eventCount: rawCount, id: lastRawID)
    rawUpdates.append(StreamUpdate(kind: .identifiedRaw, entry: entry))
    raw = []
    rawCount = 0
  }
}
