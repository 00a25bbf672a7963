import Primitives
import Wire

/// Everything that the admin API shows, with the status.
package struct AdminView: Sendable {
  /// The interest of the edges.
  package struct Interest: Equatable, Sendable {
    /// The number of topics that at least one edge wants.
    package let topics: Int
    /// The number of edges that want each stream.
    package let edges: [StreamFigures.Kind: Int]

    /// The interest from the hub's index.
    package init(_ index: InterestIndex, linkCount: Int) {
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
  package struct Setting: Equatable, Sendable {
    /// Its key.
    package let key: String
    /// Its value as text, without secrets.
    package let value: String
    /// Where the value comes from, such as a file or a flag.
    package let source: String

    /// A setting.
    package init(key: String, value: String, source: String) {
      self.key = key
      self.value = value
      self.source = source
    }
  }

  /// The hub's status.
  package let status: HubStatus
  /// The recent rates and the top ids.
  package let figures: StreamFigures
  /// The interest of the edges.
  package let interest: Interest
  /// The progress of a rebalance.
  package let rebalance: Rebalance
  /// The settings in force.
  package let settings: [Setting]

  /// A view of one moment.
  package init(
    status: HubStatus, figures: StreamFigures, interest: Interest, rebalance: Rebalance, settings: [Setting]
  ) {
    self.status = status
    self.figures = figures
    self.interest = interest
    self.rebalance = rebalance
    self.settings = settings
  }
}
