import HubCore
import Wire

/// What an ``EdgeFleet`` asks the owner of the scores.
protocol EdgeFleetDelegate: AnyObject {
  /// The totals.
  var table: ScoreTable { get }
  /// What edges are told of the feed.
  var feedStatus: FeedStatus { get }
  /// An edge asks about the past. The answer goes to ``EdgeFleet/answer(_:_:)`` or ``EdgeFleet/refuse(_:_:)``.
  func edgeFleet(_ fleet: EdgeFleet, asked query: Query, over link: Int)
  /// An edge has lost its link.
  func edgeFleetShrank(_ fleet: EdgeFleet)
}
