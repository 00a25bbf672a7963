import HTTP
import Primitives
import Wire

// The parts of a renderer that serve openings of streams.
extension UpdateRenderer {
  /// A client asks for a stream. It counts from this moment, so that the stream is rendered before it joins.
  package mutating func clientJoined(_ kind: StreamKind) { identified.clientJoined(kind) }

  /// A client left, or gave up waiting.
  package mutating func clientLeft(_ kind: StreamKind) { identified.clientLeft(kind) }

  /// Forgets what is too old to be requested. To be called about every second.
  package mutating func age(at now: Instant) { mirror.age(at: now) }

  /// Renders tweets as events of their topic, in order.
  static func render(_ tweets: some Sequence<[UInt8]>, of topic: TopicID) -> [UInt8] {
    // A topic id has at most 64 bytes, all of them allowed in an event name.
    guard let name = try? EventName("stream.tweet_updates.\(topic)".utf8) else { return [] }
    var bytes: [UInt8] = []
    for tweet in tweets { EventStream.append(name: name, data: tweet.span, to: &bytes) }
    return bytes
  }

  /// Renders raw ids as events with their places, in order.
  static func render(_ events: some Sequence<RawHistory.Event>, in lineage: Lineage) -> [UInt8] {
    var bytes: [UInt8] = []
    for event in events { _ = render(event, in: lineage, to: &bytes) }
    return bytes
  }

  /// Appends a raw id with its place.
  static func render(_ event: RawHistory.Event, in lineage: Lineage, to bytes: inout [UInt8]) -> EventID {
    let id = EventID(
      ResumeToken(lineage: lineage, position: event.position, check: event.checksum?.check))
    EventStream.append(data: event.id.utf8.span, id: id, to: &bytes)
    return id
  }
}
