import Primitives

/// Why bytes cannot be the payload of a ``TopicEvent``.
public enum TopicEventError: String, Error, Equatable, Sendable, CaseIterable {
  case payloadTooLong
  case invalidUTF8
}

/// One event of a topic, for the edges that are interested in it.
public struct TopicEvent: Equatable, Sendable {
  /// Where an event comes from.
  public enum Source: Hashable, Sendable {
    /// The details of an id.
    case details(TopicID)
    /// An interaction channel.
    case interaction(ChannelName)
  }

  /// The greatest length of a payload, in bytes.
  public static let maximumPayloadCount = 65_536

  /// Where the event comes from.
  public let source: Source
  /// What happened: valid UTF-8, which may hold line breaks and NUL.
  public let payload: [UInt8]

  /// Checks the payload and keeps it.
  public init(source: Source, payload: [UInt8]) throws(TopicEventError) {
    guard payload.count <= Self.maximumPayloadCount else { throw .payloadTooLong }
    guard (try? UTF8Span(validating: payload.span)) != nil else { throw .invalidUTF8 }
    self.source = source
    self.payload = payload
  }
}

extension TopicEvent: Payload {
  static let type = MessageType.topicEvent

  private enum SourceKind: UInt8 {
    case details = 1
    case interaction = 2
  }

  init(from reader: inout PayloadReader) throws(WireError) {
    let kind: SourceKind = try reader.choice(.sourceKind)
    let source: Source =
      switch kind {
      case .details: .details(try reader.topicID())
      case .interaction:
        .interaction(try reader.name(.channel, count: 1...ChannelName.maximumCount, ChannelName.init))
      }
    let payload = try reader.prefixed(.payload, count: 0...Self.maximumPayloadCount)
    do {
      self = try TopicEvent(source: source, payload: Array(payload))
    } catch {
      throw .invalidUTF8(.topicEvent, .payload)
    }
  }

  func write(to writer: inout ByteWriter) {
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
