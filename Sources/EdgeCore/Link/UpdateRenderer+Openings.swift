import HTTP
public import Primitives
import Wire

// What streams that begin, or go on, in the past are made of.
extension UpdateRenderer {
  /// A client came. It counts from when it asks, so that its stream is there before it.
  public mutating func clientJoined(_ kind: StreamKind) { identified.clientJoined(kind) }

  /// A client left, or gave up.
  public mutating func clientLeft(_ kind: StreamKind) { identified.clientLeft(kind) }

  /// Forgets what is too old to be asked for. To be called every second or so.
  public mutating func age(at now: Instant) { mirror.age(at: now) }

  /// Tweets as the events of their topic, in order.
  static func render(_ tweets: some Sequence<[UInt8]>, of topic: TopicID) -> [UInt8] {
    // A topic id is 64 bytes of a subset of what a name may hold: it is always one.
    guard let name = try? EventName("stream.tweet_updates.\(topic)".utf8) else { return [] }
    var bytes: [UInt8] = []
    for tweet in tweets { EventStream.append(name: name, data: tweet.span, to: &bytes) }
    return bytes
  }

  /// Raw ids as events that tell their places, in order.
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
