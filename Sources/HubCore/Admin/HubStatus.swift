import Primitives
import Wire

/// Everything that the admin API shows about one moment.
package struct HubStatus: Sendable {
  /// The state of the hub and its feed as one word.
  package enum Health: String, Equatable, Sendable, CaseIterable {
    /// Messages arrive from Redis.
    case ok = "OK"
    /// No messages arrive from Redis.
    case interrupted = "INTERRUPTED"
    /// The hub is shutting down.
    case draining = "DRAINING"
  }

  /// Whether messages arrive from Redis.
  package struct Feed: Equatable, Sendable {
    /// Whether messages arrive.
    package let isLive: Bool
    /// Why no messages arrive, or why the table is unanchored, as a text for people. Empty if all is well.
    package let detail: String
    /// Why the totals are only what this hub counted; nil if they are those in Redis, or if no messages arrive.
    package let unanchored: UnanchoredReason?
    /// What Redis refused at the last request, so that the hub works without it.
    package let refusals: [FeedFeature: FeedRefusal]

    /// The state of the feed.
    package init(
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
  package struct Edge: Sendable {
    /// The registry's record of the edge.
    package let record: EdgeRegistry.Record
    /// The edge's link; nil if it has none.
    package let link: EdgeLink?
    /// The number of topics in the edge's interest.
    package let topicCount: Int

    /// An edge.
    package init(record: EdgeRegistry.Record, link: EdgeLink?, topicCount: Int) {
      self.record = record
      self.link = link
      self.topicCount = topicCount
    }
  }

  /// The hub's name and software.
  package let terms: LinkLimits
  /// When the hub started.
  package let startedAt: Instant
  /// The moment of the status.
  package let now: Instant
  /// The same moment by the wall clock, in seconds since 1970.
  package let unixSeconds: Int64
  /// Whether the hub is shutting down.
  package let isDraining: Bool
  /// Whether messages arrive from Redis.
  package let feed: Feed
  /// The totals.
  package let scores: ScoreTable
  /// The edges, in the order of their names.
  package let edges: [Edge]
  /// The counts since the start.
  package let counters: HubCounters
  /// The number of links that replaced another one of the same edge.
  package let replacements: UInt64
  /// What the process uses and measures.
  package var process = ProcessFigures()
  /// The present operations on the hub.
  package var operation = OperationFigures()

  /// A status.
  package init(
    terms: LinkLimits, startedAt: Instant, now: Instant, unixSeconds: Int64, isDraining: Bool, feed: Feed,
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
  package var health: Health {
    if isDraining { return .draining }
    return feed.isLive ? .ok : .interrupted
  }

  /// Whether an edge that connects now gets a snapshot and live scores.
  package var isReady: Bool {
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
