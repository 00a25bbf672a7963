/// What the hub has counted since its start. Each half has an owner of its own.
public struct HubCounters: Equatable, Sendable {
  /// What it counted of its messages from Redis.
  public var feed: FeedCounters
  /// What it counted of its links to edges.
  public var links: LinkCounters

  /// The two halves.
  public init(feed: FeedCounters = FeedCounters(), links: LinkCounters = LinkCounters()) {
    self.feed = feed
    self.links = links
  }
}
