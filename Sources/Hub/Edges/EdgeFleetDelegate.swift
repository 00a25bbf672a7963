import HubCore
import Wire

/// The owner of the scores, as an ``EdgeFleet`` sees it.
protocol EdgeFleetDelegate: AnyObject {
  /// The totals.
  var table: ScoreTable { get }
  /// The state of the feed, for the edges.
  var feedStatus: FeedStatus { get }
  /// An edge sent a query. The answer goes to ``EdgeFleet/answer(_:_:)`` or ``EdgeFleet/refuse(_:_:)``.
  func edgeFleet(_ fleet: EdgeFleet, asked query: Query, over link: Int)
  /// An edge has lost its link.
  func edgeFleetShrank(_ fleet: EdgeFleet)
}
