import Primitives
import Wire

/// What one hub has sent on its present link, as far as ``HubMerge`` must remember it.
struct HubFeed: Sendable {
  /// What waits until the hub is trusted, and how much that may be.
  struct Held: Sendable {
    static let countMaximum = 65_536
    static let bytesMaximum = 8 << 20

    private(set) var messages: [Message] = []
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
      default: count += 1
      }
    }

    mutating func takeAll() -> [Message] {
      defer { self = Held() }
      return messages
    }
  }

  /// Whether the hub has welcomed us.
  var isLive = false
  /// Whether it is heard, complete, and hears from Redis itself.
  var isFresh = false
  var feed: FeedStatus?
  /// The lineage of its last complete snapshot.
  var lineage: Lineage?
  /// Whether it came to that from another one on this link, and clients have not left it since.
  var hasMoved = false
  /// The position of its last complete snapshot or flush.
  var position: Position = 0
  /// The position of its last complete flush, whose raw ids and topic events come behind its scores.
  var flushedPosition: Position = 0
  /// Its own totals: another lineage can be followed at once, and what clients were told can be held against them.
  var totals = TotalsTable()
  /// Whether something that it holds was taken back while it was not heard: it sends only what changes.
  var areTotalsDue = false
  /// The version of the link's messages.
  var version: UInt8 = RelayProtocol.lowestVersion
  /// The parts of a snapshot or flush whose last part has not come.
  var snapshotParts: [Snapshot] = []
  var scoresParts: [Scores] = []

  /// Whether its raw ids and topic events go on at once.
  var isTrusted = false
  /// Whether it has left nothing out since it was trusted last: it lacks at most the beginning of further topics.
  var isUnbroken = false
  /// Whether it must still confirm what the edge is interested in.
  var isConfirmationDue = false
  /// Whether it skipped something, and its snapshot has not come.
  var isGapped = false
  /// From which position on it sends every raw id and topic event that the edge wants; nil if that is not known.
  var coveredFrom: Position?
  var coveredAt = Instant.origin
  var held = Held()

  var isInterrupted: Bool { feed?.state != .live }

  /// All of its totals came.
  ///
  /// - Returns: whether some are less than it said before on this link, in the same lineage: it took something back.
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

  /// A complete snapshot or flush came: what comes behind it is complete, unless there is a reason why it is not.
  mutating func reached(_ position: Position, at now: Instant) {
    self.position = max(position, self.position)
    guard coveredFrom == nil, !isConfirmationDue, !isGapped, !isInterrupted else { return }
    coveredFrom = self.position
    coveredAt = now
  }

  /// It may have missed, or left out, raw ids or topic events.
  mutating func lostTrack() {
    isUnbroken = false
    isTrusted = false
    coveredFrom = nil
  }
}
