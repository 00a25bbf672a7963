import HTTP
import Primitives
import Wire

/// The entries of the streams whose events tell their place: rendered beside the plain ones, from the same growth and ids.
/// Where nobody listens to them, nothing is done.
struct IdentifiedUpdates: Sendable {
  private var scoresClients = 0
  private var rawClients = 0

  private var told: ResumeToken?
  private var raw: [UInt8] = []
  private var rawCount = 0
  private var lastRawID: EventID?
  /// What came of raw before another lineage began, and the words with which it begins.
  private var rawUpdates: [StreamUpdate] = []
  /// In which lineage those who add up are.
  private var announced: Lineage?
  /// What is to be said of the lineage that began.
  private var beginning: [UInt8]?

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
  mutating func received(_ batch: RawBatch) {
    guard rawClients > 0, let lineage = told?.lineage else { return }
    for event in history.append(batch.ids, firstPosition: batch.firstPosition) {
      lastRawID = UpdateRenderer.render(event, in: lineage, to: &raw)
      rawCount += 1
    }
  }

  /// A snapshot was merged; it may have begun another lineage.
  mutating func merged(into mirror: ScoreMirror) {
    guard let told = mirror.told, told.lineage != self.told?.lineage else { return }
    let isFirst = self.told == nil
    self.told = told
    // Before the first totals nobody's stream has begun: see `OpeningDesk`.
    guard !isFirst else { return }
    collectRaw()
    history.clear()
    if rawClients > 0 {
      let bytes = OpeningText.reset(.newLineage, at: told)
      rawUpdates.append(
        StreamUpdate(
          kind: .identifiedRaw,
          entry: StreamEntry(bytes: bytes, eventCount: 1, id: EventID(told), isReset: true)))
      // The snapshot may be ahead of the hub's last flush: ids that follow it, and are in it, would lead clients back.
      history.begin(at: told.position)
    }
    beginning =
      scoresClients > 0
      ? OpeningText.reset(.newLineage) + OpeningText.snapshot(mirror.toldTotals, at: told) : nil
  }

  /// A hub told what raw ids came after a place. If that was asked for those who have left, ids may have passed by since
  /// then, and it is of no use.
  mutating func learned(_ events: [RawHistory.Event], after place: ResumeToken, for audience: UInt64) {
    guard rawClients > 0, audience == rawAudience, place.lineage == told?.lineage else { return }
    history.extend(from: place.position, with: events)
  }

  /// Whoever came back has been answered.
  mutating func trimHistory() { history.trim() }

  /// A client of raw was told where it stands. Where no ids are known that is the place of the totals, and ids up to
  /// there, which may be on their way behind those, must not lead it back.
  ///
  /// - Parameter told: up to where clients were told of totals.
  mutating func rawBegan(at told: ResumeToken?) {
    guard rawClients > 0, history.end == nil, let told else { return }
    history.begin(at: told.position)
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
    defer { announced = told?.lineage }
    if scoresClients > 0 {
      // A lineage that ended before anybody heard of it leaves nothing to tell: what begins now begins anew.
      for farewell in farewells where farewell.end.lineage == announced {
        let id = EventID(farewell.end)
        updates.append(UpdateRenderer.update(.identifiedEPS(.full), farewell.growth, id: id))
      }
    }
    if let bytes = beginning, let told {
      let entry = StreamEntry(bytes: bytes, eventCount: 2, id: EventID(told), isReset: true)
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
