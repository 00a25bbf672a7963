import Primitives

/// What the hub had to skip for this edge since the last gap message, because the link could not carry it.
///
/// Skipped scores are not counted: the snapshot that follows holds their totals.
package struct Gap: Equatable, Sendable {
  /// How many raw ids were skipped.
  package let skippedRaw: UInt64
  /// How many topic events were skipped.
  package let skippedTopicEvents: UInt64

  /// The counts since the previous gap message.
  package init(skippedRaw: UInt64, skippedTopicEvents: UInt64) {
    self.skippedRaw = skippedRaw
    self.skippedTopicEvents = skippedTopicEvents
  }

  /// How many of both; the greatest number on overflow.
  package var skippedCount: UInt64 { skippedRaw.addingClamped(skippedTopicEvents) }
}

extension Gap: Payload {
  static let type = MessageType.gap
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 10 }

  init(from reader: inout PayloadReader) throws(WireError) {
    skippedRaw = try reader.varint(.skippedRaw)
    skippedTopicEvents = try reader.varint(.skippedTopicEvents)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: skippedRaw)
    writer.write(varint: skippedTopicEvents)
  }
}
