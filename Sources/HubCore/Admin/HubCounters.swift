/// Counts since the hub's start. Each half has an owner of its own.
public struct HubCounters: Equatable, Sendable {
  /// The counts of messages from Redis.
  public var feed: FeedCounters
  /// The counts of links to edges.
  public var links: LinkCounters

  /// The two halves.
  public init(feed: FeedCounters = FeedCounters(), links: LinkCounters = LinkCounters()) {
    self.feed = feed
    self.links = links
  }
}
