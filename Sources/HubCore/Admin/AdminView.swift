import Primitives
import Wire

/// Everything that the admin API shows, with the status.
public struct AdminView: Sendable {
  /// The interest of the edges.
  public struct Interest: Equatable, Sendable {
    /// The number of topics that at least one edge wants.
    public let topics: Int
    /// The number of edges that want each stream.
    public let edges: [StreamFigures.Kind: Int]

    /// The interest from the hub's index.
    public init(_ index: InterestIndex, linkCount: Int) {
      topics = index.topicCount
      // Scores go to every edge.
      edges = [
        .eps: linkCount, .raw: index.edges(of: .raw).count, .allDetails: index.edges(of: .allDetails).count,
        .interaction: index.edges(of: .interaction).count,
        .details: index.edgeCountOfDetails,
      ]
    }
  }

  /// One setting in force.
  public struct Setting: Equatable, Sendable {
    /// Its key.
    public let key: String
    /// Its value as text, without secrets.
    public let value: String
    /// Where the value comes from, such as a file or a flag.
    public let source: String

    /// A setting.
    public init(key: String, value: String, source: String) {
      self.key = key
      self.value = value
      self.source = source
    }
  }

  /// The hub's status.
  public let status: HubStatus
  /// The recent rates and the top ids.
  public let figures: StreamFigures
  /// The interest of the edges.
  public let interest: Interest
  /// The progress of a rebalance.
  public let rebalance: Rebalance
  /// The settings in force.
  public let settings: [Setting]

  /// A view of one moment.
  public init(
    status: HubStatus, figures: StreamFigures, interest: Interest, rebalance: Rebalance, settings: [Setting]
  ) {
    self.status = status
    self.figures = figures
    self.interest = interest
    self.rebalance = rebalance
    self.settings = settings
  }
}
