import HTTP
import Primitives
public import Wire

/// Turns what the hub sent in one turn into the entries that all workers share: each is rendered once for an edge.
///
/// Scores of several frames become one event, so that a burst after a pause is one event too.
public struct UpdateRenderer: Sendable {
  /// The totals.
  public private(set) var mirror = ScoreMirror()
  private var raw: [UInt8] = []
  private var rawCount = 0
  private var topicUpdates: [StreamUpdate] = []

  /// How many raw and topic events the hub said it had to skip for this edge.
  public private(set) var skippedByHub: UInt64 = 0
  /// How many gaps it told of.
  public private(set) var gapsReceived: UInt64 = 0

  /// A renderer that knows no totals.
  public init() {}

  /// Takes a message in. What is not for clients changes nothing.
  public mutating func receive(_ message: Message) {
    switch message {
    case .snapshot(let snapshot): mirror.merge(snapshot)
    case .scores(let scores): mirror.merge(scores)
    case .raw(let batch):
      for id in batch.ids { EventStream.append(data: id.utf8.span, to: &raw) }
      rawCount += batch.ids.count
    case .topicEvent(let event): render(event)
    case .gap(let gap):
      gapsReceived += 1
      skippedByHub += gap.skippedRaw + gap.skippedTopicEvents
    default: break
    }
  }

  private mutating func render(_ event: TopicEvent) {
    switch event.source {
    case .details(let id):
      render(event, named: "stream.tweet_updates.\(id)", to: [.details(id), .allDetails])
    case .interaction(let channel):
      render(event, named: channel.description, to: [.interaction])
    }
  }

  private mutating func render(_ event: TopicEvent, named name: String, to streams: [StreamKind]) {
    // Topic ids and channel names are of a subset of what a name may hold: they are always names.
    guard let name = try? EventName(name.utf8) else { return }
    var bytes: [UInt8] = []
    EventStream.append(name: name, data: event.payload.span, to: &bytes)
    let entry = StreamEntry(bytes: bytes, eventCount: 1)
    topicUpdates += streams.map { StreamUpdate(kind: $0, entry: entry) }
  }

  /// Whether there is anything new since the last time.
  public var hasUpdates: Bool { !topicUpdates.isEmpty || rawCount > 0 || mirror.hasGrown }

  /// Takes out what is new since the last time.
  public mutating func takeUpdates() -> [StreamUpdate] {
    var updates = topicUpdates
    topicUpdates = []
    if rawCount > 0 {
      updates.append(StreamUpdate(kind: .raw, entry: StreamEntry(bytes: raw, eventCount: rawCount)))
      raw = []
      rawCount = 0
    }
    if let growth = mirror.takeGrowth() {
      let bytes = Self.renderSum(growth)
      updates.append(
        StreamUpdate(kind: .eps(.full), entry: StreamEntry(bytes: bytes, eventCount: 1, growth: growth)))
    }
    return updates
  }

  /// Renders one `eps` event: `data:{"1F4C2":2,"2665":3}`.
  public static func renderSum(_ growth: [ScoreGrowth]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 + growth.count * 16)
    EventStream.append(scores: growth.map { ($0.id, $0.amount) }, to: &bytes)
    return bytes
  }
}
