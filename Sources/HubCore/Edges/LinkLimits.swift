import Primitives
import Wire

/// The times and limits of a hub's links to its edges.
package struct LinkLimits: Equatable, Sendable {
  /// The hub's own name, as in its certificate.
  package let node: NodeName
  /// The version of the hub's software, sent in the welcome.
  package let softwareVersion: SoftwareVersion
  /// The protocol versions that the hub speaks.
  package var versions = RelayProtocol.lowestVersion...RelayProtocol.highestVersion
  /// The interval of score flushes.
  package var tickInterval = ScorePacker.defaultInterval
  /// How often either side pings.
  package var pingInterval = Duration.seconds(1)
  /// How often the edge reports.
  package var reportInterval = Duration.seconds(5)
  /// How long the hub waits for the hello.
  package var helloTimeout = Duration.seconds(5)
  /// How long an edge may be silent: six ping intervals.
  package var silenceMaximum = Duration.seconds(6)
  /// How many bytes may wait for the connection before the link skips frames.
  package var backlogMaximum = 4_194_304
  /// How many pings and queries an edge may send before it has read everything: their answers are queued whatever the
  /// backlog is.
  package var unreadAnswersMaximum = 16_384
  /// How long a connection with a backlog may accept no byte.
  package var stallMaximum = Duration.seconds(30)
  /// How long the farewell may take to be sent.
  package var closingMaximum = Duration.seconds(1)

  /// The usual times and limits.
  package init(node: NodeName, softwareVersion: SoftwareVersion) {
    self.node = node
    self.softwareVersion = softwareVersion
  }
}
