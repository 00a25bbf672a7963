import Primitives

/// The hub's answer to a ``Hello``: the link is up, and these are its terms.
package struct Welcome: Equatable, Sendable {
  /// The allowed tick intervals, in milliseconds.
  package static let tickIntervalLimits = 1...1_000
  /// The allowed ping intervals, in milliseconds.
  package static let pingIntervalLimits = 100...60_000
  /// The allowed report intervals, in milliseconds.
  package static let reportIntervalLimits = 100...600_000

  /// The version of the messages from here on, one of those in the hello.
  package let version: UInt8
  /// The hub's name; the edge checks it against the hub's certificate.
  package let node: NodeName
  /// The version of the hub's software, for logs and status pages.
  package let softwareVersion: SoftwareVersion
  /// The time between two flushes of scores, in milliseconds, within ``tickIntervalLimits``.
  package let tickIntervalMilliseconds: Int
  /// The time between two pings of either side, in milliseconds, within ``pingIntervalLimits``.
  package let pingIntervalMilliseconds: Int
  /// The time between two reports of the edge, in milliseconds, within ``reportIntervalLimits``.
  package let reportIntervalMilliseconds: Int

  /// - Precondition: the version is 1 or more, and every interval is within its limits.
  package init(
    version: UInt8 = RelayProtocol.highestVersion,
    node: NodeName,
    softwareVersion: SoftwareVersion,
    tickIntervalMilliseconds: Int,
    pingIntervalMilliseconds: Int,
    reportIntervalMilliseconds: Int
  ) {
    precondition(version >= 1, "versions are counted from 1")
    precondition(Self.tickIntervalLimits.contains(tickIntervalMilliseconds))
    precondition(Self.pingIntervalLimits.contains(pingIntervalMilliseconds))
    precondition(Self.reportIntervalLimits.contains(reportIntervalMilliseconds))
    self.version = version
    self.node = node
    self.softwareVersion = softwareVersion
    self.tickIntervalMilliseconds = tickIntervalMilliseconds
    self.pingIntervalMilliseconds = pingIntervalMilliseconds
    self.reportIntervalMilliseconds = reportIntervalMilliseconds
  }
}

extension Welcome: Payload {
  static let type = MessageType.welcome
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 1 + (1 + 63) + (1 + 64) + 2 + 3 + 3 }

  init(from reader: inout PayloadReader) throws(WireError) {
    version = try reader.byte(.version, in: 1 ... .max)
    node = try reader.nodeName()
    softwareVersion = try reader.softwareVersion()
    tickIntervalMilliseconds = try reader.varint(.tickInterval, in: Self.tickIntervalLimits)
    pingIntervalMilliseconds = try reader.varint(.pingInterval, in: Self.pingIntervalLimits)
    reportIntervalMilliseconds = try reader.varint(.reportInterval, in: Self.reportIntervalLimits)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(version)
    writer.write(prefixed: node.description.utf8)
    writer.write(prefixed: softwareVersion.description.utf8)
    writer.write(varint: UInt64(tickIntervalMilliseconds))
    writer.write(varint: UInt64(pingIntervalMilliseconds))
    writer.write(varint: UInt64(reportIntervalMilliseconds))
  }
}
