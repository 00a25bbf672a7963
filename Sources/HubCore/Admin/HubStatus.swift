import Primitives
import Wire

/// Everything that the admin API shows, at one moment.
public struct HubStatus: Sendable {
  /// How the hub and its feed are, in one word.
  public enum Health: String, Equatable, Sendable, CaseIterable {
    /// Messages come from Redis.
    case ok = "OK"
    /// They do not.
    case interrupted = "INTERRUPTED"
    /// The hub is shutting down.
    case draining = "DRAINING"
  }

  /// Whether messages come from Redis.
  public struct Feed: Equatable, Sendable {
    /// True if they do.
    public let isLive: Bool
    /// Why they do not, or why the table is unanchored; for people to read. Empty if all is well.
    public let detail: String
    /// Why the totals are only what this hub counted; nil if they are Redis's, or if no messages come.
    public let unanchored: UnanchoredReason?
    /// What Redis refused when it was asked last, so that the hub does without.
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

  /// One edge, with what its link knows of itself.
  public struct Edge: Sendable {
    /// What the registry knows.
    public let record: EdgeRegistry.Record
    /// The edge's link; nil if it has none.
    public let link: EdgeLink?
    /// How many topics the edge is interested in.
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
  /// True if the hub is shutting down.
  public let isDraining: Bool
  /// Whether messages come from Redis.
  public let feed: Feed
  /// The totals.
  public let scores: ScoreTable
  /// The edges, in the order of their names.
  public let edges: [Edge]
  /// What was counted.
  public let counters: HubCounters
  /// Links that took the place of another one of the same node.
  public let replacements: UInt64
  /// How the process is doing.
  public var process = ProcessFigures()
  /// How it is being operated.
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

  /// How the hub and its feed are.
  public var health: Health {
    if isDraining { return .draining }
    return feed.isLive ? .ok : .interrupted
  }

  /// True if an edge that connects now gets a snapshot and live scores.
  public var isReady: Bool {
    health == .ok && scores.standing != .awaitingFence && operation.isLinkCertificateValid
  }

  /// How long the hub has run, in whole seconds.
  var uptimeSeconds: Int64 { startedAt.duration(to: now).components.seconds }

  /// Raw ids and topic events that edges did not get, on links that ended and on those that are up.
  var skipped: (raw: UInt64, topicEvents: UInt64) {
    edges.compactMap(\.link).reduce((counters.links.skippedRaw, counters.links.skippedTopicEvents)) {
      ($0.0 + $1.skippedRaw, $0.1 + $1.skippedTopicEvents)
    }
  }
}
