import Primitives

/// The last tweets of a topic, the answer to a ``Query/Question/tweets(_:count:)``.
///
/// Tweets of the topic that were sent to the edge before this message are in the list or older than it; tweets sent
/// later are not in it.
package struct Tweets: Equatable, Sendable {
  /// How many tweets may be asked for, and are kept in Redis.
  package static let maximumCount = 10

  /// The id of the query.
  package let id: UInt64
  /// Whether the hub could answer.
  package let outcome: QueryOutcome
  /// The tweets, oldest first: valid UTF-8, at most ``TopicEvent/maximumPayloadCount`` bytes each.
  package let payloads: [[UInt8]]

  /// An answer; it keeps the last ``maximumCount`` payloads.
  ///
  /// - Throws: if a payload could not be that of a ``TopicEvent``.
  package init(id: UInt64, payloads: [[UInt8]]) throws(TopicEventError) {
    let last = Array(payloads.suffix(Self.maximumCount))
    for payload in last { try TopicEvent.check(payload) }
    self.id = id
    outcome = .answered
    self.payloads = last
  }

  /// An answer without tweets.
  package init(id: UInt64, outcome: QueryOutcome) {
    self.id = id
    self.outcome = outcome
    payloads = []
  }
}

extension Tweets: Payload {
  static let type = MessageType.tweets
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 1 + 1 + maximumCount * (3 + TopicEvent.maximumPayloadCount) }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    outcome = try reader.choice(.outcome)
    let count = try reader.varint(.tweetCount, in: 0...(outcome == .answered ? Self.maximumCount : 0))
    payloads = try reader.items(count: count) { reader throws(WireError) in
      let payload = Array(try reader.prefixed(.payload, count: 0...TopicEvent.maximumPayloadCount))
      do { try TopicEvent.check(payload) } catch { throw .invalidUTF8(.tweets, .payload) }
      return payload
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(outcome.rawValue)
    writer.write(varint: UInt64(payloads.count))
    for payload in payloads { writer.write(prefixed: payload) }
  }
}
