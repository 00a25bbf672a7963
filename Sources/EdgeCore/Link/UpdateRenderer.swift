import HTTP
import Primitives
import Wire

/// Turns the merged updates of one turn into entries that all workers share: each is rendered once per edge.
///
/// Scores of several frames become one event, so that a burst after a pause is one event too.
package struct UpdateRenderer: Sendable {
  /// The totals that clients have been sent.
  package internal(set) var mirror = ScoreMirror()
  private var raw: [UInt8] = []
  private var rawCount = 0
  private var topicUpdates: [StreamUpdate] = []
  /// The streams whose events carry their place.
  var identified = IdentifiedUpdates()
  /// The latest tweets of topics whose lists were asked for.
  var watched = WatchedTopics()

  /// How many raw and topic events the hubs skipped for this edge.
  package private(set) var skippedByHub: UInt64 = 0
  /// How often an excess was taken back.
  package private(set) var takenBack: UInt64 = 0
  /// How many gap messages arrived.
  package private(set) var gapsReceived: UInt64 = 0

  /// A renderer without totals.
  package init() {}

  /// Whether places have a check; edges of version 0.1 read only places without one.
  package var givesChecks: Bool {
    get { mirror.givesChecks }
    set {
      if mirror.givesChecks && !newValue { identified.dropChecks() }
      mirror.givesChecks = newValue
    }
  }

  /// Takes an update in.
  package mutating func receive(_ update: MergedUpdate) {
    switch update {
    case .totals(let totals):
      mirror.merge(totals)
      identified.merged(into: mirror)
    case .raw(let batch):
      for id in batch.ids { EventStream.append(data: id.utf8.span, to: &raw) }
      rawCount += batch.ids.count
      identified.received(batch, mirror)
    case .topicEvent(let event): render(event)
    case .gap(let gap):
      gapsReceived += 1
      skippedByHub = skippedByHub.addingClamped(gap.skippedCount)
    }
  }

  /// Takes an excess back, by index of the id: clients that add up start over.
  mutating func takeBack(_ excess: [Int: UInt64]) {
    mirror.takeBack(excess)
    identified.merged(into: mirror)
    takenBack += 1
  }

  private mutating func render(_ event: TopicEvent) {
    switch event.source {
    case .details(let id):
      append(Self.render([event.payload], of: id), to: [.details(id), .allDetails])
      watched.received(event.payload, of: id)
    case .interaction(let channel):
      // The characters of a channel name are all allowed in an event name.
      guard let name = try? EventName(channel.description.utf8) else { return }
      var bytes: [UInt8] = []
      EventStream.append(name: name, data: event.payload.span, to: &bytes)
      append(bytes, to: [.interaction])
    }
  }

  private mutating func append(_ bytes: [UInt8], to streams: [StreamKind]) {
    let entry = StreamEntry(bytes: bytes, eventCount: 1)
    topicUpdates += streams.map { StreamUpdate(kind: $0, entry: entry) }
  }

  /// Whether there is anything new since the last call of ``takeUpdates()``.
  package var hasUpdates: Bool {
    !topicUpdates.isEmpty || rawCount > 0 || mirror.hasGrown || identified.hasUpdates
  }

  /// Takes out everything new.
  package mutating func takeUpdates() -> [StreamUpdate] { takeEvents() + takeScores() }

  /// Takes out new tweets and raw ids only.
  package mutating func takeEvents() -> [StreamUpdate] {
    var updates = topicUpdates
    topicUpdates = []
    if rawCount > 0 {
      updates.append(StreamUpdate(kind: .raw, entry: StreamEntry(bytes: raw, eventCount: rawCount)))
      raw = []
      rawCount = 0
    }
    return updates + identified.takeRaw()
  }

  private mutating func takeScores() -> [StreamUpdate] {
    let farewells = mirror.takeFarewells()
    var updates = farewells.map { Self.update(.eps(.full), $0.growth) }
    updates += identified.takeScores(farewells: farewells)
    if let growth = mirror.takeGrowth() {
      updates.append(Self.update(.eps(.full), growth))
      if let published = mirror.published { updates += identified.grown(growth, to: published) }
    }
    return updates
  }

  static func update(_ kind: StreamKind, _ growth: [ScoreGrowth], id: EventID? = nil) -> StreamUpdate {
    let bytes = renderSum(growth, id: id)
    return StreamUpdate(kind: kind, entry: StreamEntry(bytes: bytes, eventCount: 1, growth: growth, id: id))
  }

  /// Renders one `eps` event, `data:{"1F4C2":2,"2665":3}`, with the place that it reaches, if given.
  package static func renderSum(_ growth: [ScoreGrowth], id: EventID? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 + growth.count * 16)
    EventStream.append(scores: growth.map { ($0.id, $0.amount) }, id: id, to: &bytes)
    return bytes
  }
}
