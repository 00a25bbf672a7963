import Primitives

/// The first message of an edge: its name, its versions, and the totals that it holds from earlier links.
package struct Hello: Equatable, Sendable {
  /// The versions of the messages that the edge speaks; from 1.
  package let versions: ClosedRange<UInt8>
  /// The edge's name; the hub checks it against the edge's certificate.
  package let node: NodeName
  /// The version of the edge's software, for logs and status pages.
  package let softwareVersion: SoftwareVersion
  /// The lineage of the totals that the edge holds; nil if it holds none.
  package let lastLineage: Lineage?
  /// The position of the totals that the edge holds; 0 if it holds none.
  package let lastPosition: Position

  /// - Precondition: `versions` begins at 1 or more.
  package init(
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

extension Hello: Payload {
  static let type = MessageType.hello
  static let sender: Peer? = .edge
  static var maximumLength: Int { 1 + 4 + 1 + 1 + (1 + 63) + (1 + 64) + (1 + 64) + 10 }

  init(from reader: inout PayloadReader) throws(WireError) {
    guard try reader.fixed(.magic, count: 4).elementsEqual(RelayProtocol.magic) else { throw .wrongMagic }
    let lowest = try reader.byte(.lowestVersion, in: 1 ... .max)
    let highest = try reader.byte(.highestVersion, in: lowest ... .max)
    versions = lowest...highest
    node = try reader.nodeName()
    softwareVersion = try reader.softwareVersion()
    lastLineage = try reader.name(.lastLineage, count: 0...Lineage.maximumCount) { text in
      text.isEmpty ? .some(nil) : Lineage(text).map(Optional.some)
    }
    lastPosition = try reader.varint(.lastPosition)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(raw: RelayProtocol.magic)
    writer.write(versions.lowerBound)
    writer.write(versions.upperBound)
    writer.write(prefixed: node.description.utf8)
    writer.write(prefixed: softwareVersion.description.utf8)
    writer.write(prefixed: (lastLineage?.description ?? "").utf8)
    writer.write(varint: lastPosition)
  }
}
