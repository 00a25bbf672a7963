import Primitives

/// Why bytes cannot be the payload of a ``TopicEvent``.
package enum TopicEventError: String, Error, Equatable, Sendable, CaseIterable {
  case payloadTooLong
  case invalidUTF8
}

/// One event of a topic, for the edges that are interested in it.
package struct TopicEvent: Equatable, Sendable {
  /// Where an event comes from.
  package enum Source: Hashable, Sendable {
    /// The details of an id.
    case details(TopicID)
    /// An interaction channel.
    case interaction(ChannelName)
  }

  /// The greatest length of a payload, in bytes.
  package static let maximumPayloadCount = 65_536

  /// The place of the event among those of its kind. A hub sets it when the event comes from Redis.
  package var stamp: TopicStamp
  /// Where the event comes from.
  package let source: Source
  /// The published message: valid UTF-8, which may hold line breaks and NUL.
  package let payload: [UInt8]

  /// Keeps a payload that passes ``check(_:)``.
  package init(stamp: TopicStamp, source: Source, payload: [UInt8]) throws(TopicEventError) {
    try Self.check(payload)
    self.stamp = stamp
    self.source = source
    self.payload = payload
  }

  /// Checks that bytes can be a payload.
  package static func check(_ payload: [UInt8]) throws(TopicEventError) {
    guard payload.count <= maximumPayloadCount else { throw .payloadTooLong }
    guard (try? UTF8Span(validating: payload.span)) != nil else { throw .invalidUTF8 }
  }
}

extension TopicEvent: Payload {
  static let type = MessageType.topicEvent
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 10 + 1 + (2 + 128) + (3 + maximumPayloadCount) }

  private enum SourceKind: UInt8 {
    case details = 1
    case interaction = 2
  }

  init(from reader: inout PayloadReader) throws(WireError) {
    let stamp = TopicStamp(position: try reader.varint(.position), ordinal: try reader.varint(.ordinal))
    let kind: SourceKind = try reader.choice(.sourceKind)
    let source: Source =
      switch kind {
      case .details: .details(try reader.topicID())
      case .interaction:
        .interaction(try reader.name(.channel, count: 1...ChannelName.maximumCount, ChannelName.init))
      }
    let payload = try reader.prefixed(.payload, count: 0...Self.maximumPayloadCount)
    do {
      self = try TopicEvent(stamp: stamp, source: source, payload: Array(payload))
    } catch {
      throw .invalidUTF8(.topicEvent, .payload)
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: stamp.position)
    writer.write(varint: stamp.ordinal)
    switch source {
    case .details(let id):
      writer.write(SourceKind.details.rawValue)
      writer.write(prefixed: id.description.utf8)
    case .interaction(let channel):
      writer.write(SourceKind.interaction.rawValue)
      writer.write(prefixed: channel.description.utf8)
    }
    writer.write(prefixed: payload)
  }
}
