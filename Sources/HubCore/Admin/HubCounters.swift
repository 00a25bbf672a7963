/// Counts since the hub's start. Each half has an owner of its own.
package struct HubCounters: Equatable, Sendable {
  /// The counts of messages from Redis.
  package var feed: FeedCounters
  /// The counts of links to edges.
  package var links: LinkCounters

  /// The two halves.
  package init(feed: FeedCounters = FeedCounters(), links: LinkCounters = LinkCounters()) {
    self.feed = feed
    self.links = links
  }
}
