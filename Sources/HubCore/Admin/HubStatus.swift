import Primitives
import Wire

/// Everything that the admin API shows about one moment.
public struct HubStatus: Sendable {
  /// The state of the hub and its feed as one word.
  public enum Health: String, Equatable, Sendable, CaseIterable {
    /// Messages arrive from Redis.
    case ok = "OK"
    /// No messages arrive from Redis.
    case interrupted = "INTERRUPTED"
    /// The hub is shutting down.
    case draining = "DRAINING"
  }

  /// Whether messages arrive from Redis.
  public struct Feed: Equatable, Sendable {
    /// Whether messages arrive.
    public let isLive: Bool
    /// Why no messages arrive, or why the table is unanchored, as a text for people. Empty if all is well.
    public let detail: String
    /// Why the totals are only what this hub counted; nil if they are those in Redis, or if no messages arrive.
    public let unanchored: UnanchoredReason?
    /// What Redis refused at the last request, so that the hub works without it.
    public let refusals: [FeedFeature: FeedRefusal]

    /// The state of the feed.
    public init(
      isLive: Bool, detail: String, unanchored: UnanchoredReason? = nil,
      refusals: [FeedFeature: FeedRefusal] = [:]
    ) {
      self.isLive = isLive
      self.detail = detail
      self.unanchored = unanchored
      self.refusals = refusals
    }
  }

  /// An edge, with the state of its link.
  public struct Edge: Sendable {
    /// The registry's record of the edge.
    public let record: EdgeRegistry.Record
    /// The edge's link; nil if it has none.
    public let link: EdgeLink?
    /// The number of topics in the edge's interest.
    public let topicCount: Int

    /// An edge.
    public init(record: EdgeRegistry.Record, link: EdgeLink?, topicCount: Int) {
      self.record = record
      self.link = link
      self.topicCount = topicCount
    }
  }

  /// The hub's name and software.
  public let terms: EdgeLinkTerms
  /// When the hub started.
  public let startedAt: Instant
  /// The moment of the status.
  public let now: Instant
  /// The same moment by the wall clock, in seconds since 1970.
  public let unixSeconds: Int64
  /// Whether the hub is shutting down.
  public let isDraining: Bool
  /// Whether messages arrive from Redis.
  public let feed: Feed
  /// The totals.
  public let scores: ScoreTable
  /// The edges, in the order of their names.
  public let edges: [Edge]
  /// The counts since the start.
  public let counters: HubCounters
  /// The number of links that replaced another one of the same edge.
  public let replacements: UInt64
  /// What the process uses and measures.
  public var process = ProcessFigures()
  /// The present operations on the hub.
  public var operation = OperationFigures()

  /// A status.
  public init(
    terms: EdgeLinkTerms, startedAt: Instant, now: Instant, unixSeconds: Int64, isDraining: Bool, feed: Feed,
    scores: ScoreTable, edges: [Edge], counters: HubCounters, replacements: UInt64
  ) {
    self.terms = terms
    self.startedAt = startedAt
    self.now = now
    self.unixSeconds = unixSeconds
    self.isDraining = isDraining
    self.feed = feed
    self.scores = scores
    self.edges = edges
    self.counters = counters
    self.replacements = replacements
  }

  /// The state of the hub and its feed.
  public var health: Health {
    if isDraining { return .draining }
    return feed.isLive ? .ok : .interrupted
  }

  /// Whether an edge that connects now gets a snapshot and live scores.
  public var isReady: Bool {
    health == .ok && scores.standing != .awaitingFence && operation.isLinkCertificateValid
  }

  /// How long the hub has run, in whole seconds.
  var uptimeSeconds: Int64 { startedAt.duration(to: now).components.seconds }

  /// Raw ids and topic events that edges did not get, on links that ended and on present ones.
  var skipped: (raw: UInt64, topicEvents: UInt64) {
    edges.compactMap(\.link).reduce((counters.links.skippedRaw, counters.links.skippedTopicEvents)) {
      ($0.0 + $1.skippedRaw, $0.1 + $1.skippedTopicEvents)
    }
  }
}
