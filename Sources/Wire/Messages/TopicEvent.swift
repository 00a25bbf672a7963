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
