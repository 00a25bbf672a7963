import HTTP
import Primitives
import Wire

/// The entries of the streams whose events tell their place: rendered beside the plain ones, from the same growth and ids.
/// Where nobody listens to them, nothing is done.
struct IdentifiedUpdates: Sendable {
  private var scoresClients = 0
  private var rawClients = 0

  /// The number of the beginning from which those who add up go on; nil before the first totals.
  private var begun: UInt64?
  private var lineage: Lineage?
  /// What the totals consist of behind the last raw id, and its position; nil if that is not known.
  private var rawReached: (position: Position, checksum: Checksum)?
  private var raw: [UInt8] = []
  private var rawCount = 0
  private var lastRawID: EventID?
  /// What came of raw before another lineage began, and the words with which it begins.
  private var rawUpdates: [StreamUpdate] = []
  /// In which lineage those who add up are.
  private var announced: Lineage?
  /// What is to be said of where they start anew.
  private var beginning: (bytes: [UInt8], place: ResumeToken)?

  /// The latest raw ids, for those who come back.
  private(set) var history = RawHistory()
  /// How often a first client of raw has come. What is known of the ids is known without a gap only since then.
  private(set) var rawAudience: UInt64 = 0

  /// A client came. It counts from when it asks, so that the stream is there before it.
  mutating func clientJoined(_ kind: StreamKind) {
    let hadRaw = rawClients > 0
    count(kind, 1)
    if !hadRaw && rawClients > 0 { rawAudience += 1 }
  }

  /// A client left, or gave up.
  mutating func clientLeft(_ kind: StreamKind) {
    count(kind, -1)
    if rawClients == 0 { history.clear() }
  }

  private mutating func count(_ kind: StreamKind, _ difference: Int) {
    guard kind.isIdentified else { return }
    if kind.rate == nil { rawClients += difference } else { scoresClients += difference }
  }

  // MARK: What came

  /// Raw ids came, in the lineage of the totals.
  mutating func received(_ batch: RawBatch, _ mirror: ScoreMirror) {
    guard rawClients > 0, let lineage, let last = batch.ids.indices.last else { return }
    let end = batch.firstPosition + Position(last)
    let start: Checksum?
    if let rawReached, rawReached.position + 1 == batch.firstPosition {
      start = rawReached.checksum
    } else {
      // The totals of a flush come ahead of its ids: where they stand at the last one, they say what was before the first.
      start = mirror.checksum(at: end)?.before(batch.ids)
    }
    rawReached = start.map { (end, $0.behind(batch.ids)) }
    for event in history.append(batch.ids, firstPosition: batch.firstPosition, behind: start) {
      lastRawID = UpdateRenderer.render(event, in: lineage, to: &raw)
      rawCount += 1
    }
  }

  /// Totals were merged, or taken back; those who add up may have to start anew.
  mutating func merged(into mirror: ScoreMirror) {
    guard let told = mirror.told, mirror.beginning.number != begun else { return }
    let isFirst = begun == nil
    begun = mirror.beginning.number
    lineage = told.lineage
    // Before the first totals nobody's stream has begun: see `OpeningDesk`.
    guard !isFirst else { return }
    collectRaw()
    history.clear()
    rawReached = nil
    let reason: OpeningText.Reason = mirror.beginning.isCorrection ? .corrected : .newLineage
    if rawClients > 0 {
      let bytes = OpeningText.reset(reason, at: told)
      rawUpdates.append(
        StreamUpdate(
          kind: .identifiedRaw,
          entry: StreamEntry(bytes: bytes, eventCount: 1, id: EventID(told), isReset: true)))
      // The snapshot may be ahead of the hub's last flush: ids that follow it, and are in it, would lead clients back.
      history.begin(at: told.position, mirror.checksum(at: told.position))
    }
    beginning =
      scoresClients > 0
      ? (OpeningText.reset(reason) + OpeningText.snapshot(mirror.toldTotals, at: told), told) : nil
  }

  /// A hub told what raw ids came after a place. If that was asked for those who have left, ids may have passed by since
  /// then, and it is of no use.
  mutating func learned(
    _ events: [RawHistory.Event], after place: ResumeToken, for audience: UInt64, _ mirror: ScoreMirror
  ) {
    guard rawClients > 0, audience == rawAudience, place.lineage == lineage else { return }
    history.extend(from: place.position, with: events, mirror.checksum(at:))
  }

  /// Whoever came back has been answered.
  mutating func trimHistory() { history.trim() }

  /// A client of raw was told where it stands. Where no ids are known that is the place of the totals, and ids up to
  /// there, which may be on their way behind those, must not lead it back.
  ///
  /// - Parameter mirror: the totals of which clients were told.
  mutating func rawBegan(at mirror: ScoreMirror) {
    guard rawClients > 0, history.end == nil, let told = mirror.told else { return }
    history.begin(at: told.position, mirror.checksum(at: told.position))
  }

  // MARK: What is new

  /// Whether there is anything but growth.
  var hasUpdates: Bool { rawCount > 0 || !rawUpdates.isEmpty || beginning != nil }

  /// Takes out what is new of raw.
  mutating func takeRaw() -> [StreamUpdate] {
    collectRaw()
    defer { rawUpdates = [] }
    return rawUpdates
  }

  /// Takes out what ended and what began, for those who add up.
  mutating func takeScores(farewells: [ScoreMirror.Farewell]) -> [StreamUpdate] {
    var updates: [StreamUpdate] = []
    defer { announced = lineage }
    if scoresClients > 0 {
      // A lineage that ended before anybody heard of it leaves nothing to tell: what begins now begins anew.
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

  /// The totals have grown.
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
