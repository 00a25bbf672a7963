import Primitives
import Wire

/// What the admin API shows besides the status.
public struct AdminView: Sendable {
  /// Which edges want what.
  public struct Interest: Equatable, Sendable {
    /// How many topics any edge wants.
    public let topics: Int
    /// How many edges want a stream.
    public let edges: [StreamFigures.Kind: Int]

    /// The interest that the hub knows.
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
    /// Where it came from.
    public let source: String

    /// A setting.
    public init(key: String, value: String, source: String) {
      self.key = key
      self.value = value
      self.source = source
    }
  }

  /// The status.
  public let status: HubStatus
  /// How much came lately.
  public let figures: StreamFigures
  /// Which edges want what.
  public let interest: Interest
  /// Whether clients are being spread anew.
  public let rebalance: Rebalance
  /// The settings in force.
  public let settings: [Setting]

  /// What is shown at one moment.
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
