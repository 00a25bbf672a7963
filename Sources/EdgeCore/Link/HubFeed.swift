import PlantedFaults
import Primitives
import Wire

/// The state of one hub's present link, as far as ``HubMerge`` needs it.
struct HubFeed: Sendable {
  /// The events that wait until the hub is trusted, and their limit.
  struct Held: Sendable {
    static let countMaximum = 65_536
    static let bytesMaximum = 8 << 20

    private(set) var messages: [Message] = []
    /// The stamp of each source's last event among them.
    private(set) var lastStamps: [TopicEvent.Source: TopicStamp] = [:]
    private var count = 0
    private var bytes = 0

    var isOverfull: Bool { count > Self.countMaximum || bytes > Self.bytesMaximum }

    mutating func append(_ message: Message) {
      messages.append(message)
      switch message {
      case .raw(let batch): count += batch.ids.count
      case .topicEvent(let event):
        count += 1
        bytes += event.payload.count
        lastStamps[event.source] = event.stamp
      default: count += 1
      }
    }

    mutating func takeAll() -> [Message] {
      defer { self = Held() }
      return messages
    }
  }

  /// Whether the hub has sent its welcome.
  var isLive = false
  /// Whether the link is live, the totals are complete, and the hub itself hears from Redis.
  var isFresh = false
  var feed: FeedStatus?
  /// The lineage of its last complete snapshot.
  var lineage: Lineage?
  /// Whether it came to that lineage from another one on this link, and clients have not left the lineage since.
  var hasMoved = false
  /// The position of its last complete snapshot or flush.
  var position: Position = 0
  /// The position of its last complete flush. Raw ids and topic events of a flush follow its scores.
  var flushedPosition: Position = 0
  /// The hub's own totals: the edge can follow another lineage at once, and compare them with what clients hold.
  var totals = TotalsTable()
  /// Whether the edge took something back while this hub was not fresh: its stored totals must then be merged again,
  /// since it sends only changes.
  var areTotalsDue = false
  /// The version of the link's messages.
  var version: UInt8 = RelayProtocol.lowestVersion
  /// The parts of a snapshot or flush that is not complete yet.
  var snapshotParts: [Snapshot] = []
  var scoresParts: [Scores] = []

  /// Whether its raw ids and topic events are passed on at once.
  var isTrusted = false
  /// Whether it has skipped nothing since it was trusted last: it lacks at most the beginning of further topics.
  var isUnbroken = false
  /// Whether it has still to confirm the edge's interest.
  var isConfirmationDue = false
  /// Whether it skipped something, and the following snapshot has not arrived yet.
  var isGapped = false
  /// The position from which it sends every raw id and topic event that the edge wants; nil if that is not known.
  var coveredFrom: Position?
  var coveredAt = Instant.origin
  var held = Held()

  var isInterrupted: Bool { feed?.state != .live }

  /// A complete snapshot has arrived.
  ///
  /// - Returns: whether some totals are smaller than those it sent before on this link, in the same lineage: the hub
  ///   took something back.
  mutating func replaceTotals(by parts: [Snapshot]) -> Bool {
    let before = totals
    totals.removeAll()
    for part in parts { keep(part.entries) }
    return before.ids.indices.contains { before.totals[$0] > totals[before.ids[$0]] }
  }

  mutating func keep(_ entries: [ScoreTotal]) {
    for entry in entries {
      if let index = totals.intern(entry.id) { totals.merge(entry.total, at: index) }
    }
  }

  /// A complete snapshot or flush arrived. From here on the hub's events are complete, unless there is a reason
  /// against it.
  mutating func reached(_ position: Position, at now: Instant) {
    self.position = max(position, self.position)
    guard coveredFrom == nil, !isConfirmationDue, !isGapped, !isInterrupted else { return }
    coveredFrom = self.position
    coveredAt = now
  }

  /// The hub may have missed or skipped raw ids or topic events.
  mutating func lostTrack() {
    if planted(.trustKept) { return }
    isUnbroken = false
    isTrusted = false
    coveredFrom = nil
  }
}
