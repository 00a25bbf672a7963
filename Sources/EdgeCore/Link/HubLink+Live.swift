import Primitives
import Wire

extension HubLink {
  /// A link that is up.
  struct Live: Equatable, Sendable {
    let pingInterval: Duration
    let reportInterval: Duration
    var heardAt: Instant
    var nextPingAt: Instant
    var nextReportAt: Instant
    var hasSnapshot = false
    var feed: FeedStatus?
    /// When the last flush of scores arrived.
    var flushedAt: Instant?
    /// The stamp of the ping that followed the last interest; nil once its pong has arrived.
    var interestStamp: UInt64?

    /// Whether the totals are complete, and the hub itself hears from Redis.
    var isPresent: Bool { hasSnapshot && feed?.state == .live }
  }
}
