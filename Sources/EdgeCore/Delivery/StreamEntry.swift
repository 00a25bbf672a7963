public import Wire

/// What a client can subscribe to.
public enum StreamKey: Hashable, Sendable {
  /// Every score id as it comes.
  case raw
  /// Summed scores, at most once a tick.
  case eps
  /// The tweets of one id.
  case details(TopicID)
  /// The tweets of all ids.
  case allDetails

  /// What the hub must send for the sake of the stream; nil for the totals, which it always sends.
  public var topic: Topic? {
    switch self {
    case .raw: .raw
    case .eps: nil
    case .details(let id): .details(id)
    case .allDetails: .allDetails
    }
  }

  /// How a client that falls behind is brought back.
  var lagPolicy: LagPolicy { self == .eps ? .sum : .skip }
}

/// How a client that falls behind is brought back.
enum LagPolicy: Sendable {
  /// By one event that sums all that it missed: nothing is lost.
  case sum
  /// By skipping the oldest whole events, which are counted.
  case skip
}

/// One or more whole events of a stream, rendered once and shared by all workers and all their clients.
public struct StreamEntry: Sendable {
  /// The events as they go over the wire.
  public let bytes: [UInt8]
  /// How many events the bytes hold; 0 for a comment.
  public let eventCount: Int
  /// What a sum of this entry and others is made of (`eps` only).
  public let growth: [ScoreGrowth]

  /// An entry.
  public init(bytes: [UInt8], eventCount: Int, growth: [ScoreGrowth] = []) {
    self.bytes = bytes
    self.eventCount = eventCount
    self.growth = growth
  }
}

/// An entry on its way from the link to a worker.
public struct StreamUpdate: Sendable {
  /// Whose entry it is.
  public let key: StreamKey
  /// The entry.
  public let entry: StreamEntry

  /// An update.
  public init(key: StreamKey, entry: StreamEntry) {
    self.key = key
    self.entry = entry
  }
}
