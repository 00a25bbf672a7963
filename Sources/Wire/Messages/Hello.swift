public import Primitives

/// The first message of an edge: who it is, what it speaks, and how far it got on earlier links.
public struct Hello: Equatable, Sendable {
  /// The versions of the messages that the edge speaks; from 1.
  public let versions: ClosedRange<UInt8>
  /// The edge's name; the hub checks it against the edge's certificate.
  public let node: NodeName
  /// The edge's software, for people to read.
  public let softwareVersion: SoftwareVersion
  /// The lineage of the totals that the edge holds; nil if it holds none.
  public let lastLineage: Lineage?
  /// The position of the totals that the edge holds; 0 if it holds none.
  public let lastPosition: Position

  /// - Precondition: `versions` begins at 1 or more.
  public init(
    versions: ClosedRange<UInt8> = RelayProtocol.lowestVersion...RelayProtocol.highestVersion,
    node: NodeName,
    softwareVersion: SoftwareVersion,
    lastLineage: Lineage? = nil,
    lastPosition: Position = 0
  ) {
    precondition(versions.lowerBound >= 1, "versions are counted from 1")
    self.versions = versions
    self.node = node
    self.softwareVersion = softwareVersion
    self.lastLineage = lastLineage
    self.lastPosition = lastPosition
  }
}
