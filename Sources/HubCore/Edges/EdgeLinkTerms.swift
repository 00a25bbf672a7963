import Primitives
import Wire

/// The times and limits of a hub's links to its edges.
public struct EdgeLinkTerms: Equatable, Sendable {
  /// The hub's own name, as in its certificate.
  public let node: NodeName
  /// The version of the hub's software, sent in the welcome.
  public let softwareVersion: SoftwareVersion
  /// The protocol versions that the hub speaks.
  public var versions = RelayProtocol.lowestVersion...RelayProtocol.highestVersion
  /// The interval of score flushes.
  public var tickInterval = ScorePacker.defaultInterval
  /// How often either side pings.
  public var pingInterval = Duration.seconds(1)
  /// How often the edge reports.
  public var reportInterval = Duration.seconds(5)
  /// How long the hub waits for the hello.
  public var helloTimeout = Duration.seconds(5)
  /// How long an edge may be silent: six ping intervals.
  public var silenceMaximum = Duration.seconds(6)
  /// How many bytes may wait for the connection before the link skips frames.
  public var backlogMaximum = 4_194_304
  /// How long a connection with a backlog may accept no byte.
  public var stallMaximum = Duration.seconds(30)
  /// How long the farewell may take to be sent.
  public var closingMaximum = Duration.seconds(1)

  /// Terms with the usual times and limits.
  public init(node: NodeName, softwareVersion: SoftwareVersion) {
    self.node = node
    self.softwareVersion = softwareVersion
  }
}
