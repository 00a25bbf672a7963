public import Primitives

/// What an edge asks its hub about the past; the answer has the same id.
public struct Query: Equatable, Sendable {
  /// What can be asked.
  public enum Question: Hashable, Sendable {
    /// What the totals were at that place: a ``PastTotals``.
    case past(ResumeToken)
    /// Which ids came after that place, in their order: an ``Order``.
    case order(ResumeToken)
    /// The last tweets of a topic: a ``Tweets``. At least one, at most ``Tweets/maximumCount``.
    case tweets(TopicID, count: Int)
    /// To read Redis's totals again, beginning now: a ``Fenced`` behind what that found. From version 2 on.
    case fence
  }

  /// The edge chooses it, so that it is not the id of a query that it still waits for.
  public let id: UInt64
  /// What is asked.
  public let question: Question

  /// - Precondition: 1 to ``Tweets/maximumCount`` tweets are asked for.
  public init(id: UInt64, _ question: Question) {
    if case .tweets(_, let count) = question { precondition((1...Tweets.maximumCount).contains(count)) }
    self.id = id
    self.question = question
  }
}

/// What came of a ``Query``.
public enum QueryOutcome: UInt8, Sendable, CaseIterable {
  /// The answer follows.
  case answered = 1
  /// The hub does not know, and will not: the place is too long ago, in another history, or not reached yet.
  case unknown = 2
  /// The hub can not say at present: Redis is away, or the edge asks too much at a time.
  case unavailable = 3
}

extension Query {
  /// The same query as a hub of that version can read it; nil if there is none.
  public func expressed(inVersion version: UInt8) -> Query? {
    guard version < RelayProtocol.checkedQueriesVersion else { return self }
    return switch question {
    case .past(let token): Query(id: id, .past(token.unchecked))
    case .order(let token): Query(id: id, .order(token.unchecked))
    case .tweets: self
    case .fence: nil
    }
  }
}

extension Query: Payload {
  static let type = MessageType.query

  private enum Kind: UInt8 {
    case past = 1
    case order = 2
    case tweets = 3
    case fence = 4
    case checkedPast = 5
    case checkedOrder = 6
  }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    let kind: Kind = try reader.choice(.questionKind)
    question =
      switch kind {
      case .past: .past(try reader.resumeToken())
      case .order: .order(try reader.resumeToken())
      case .tweets:
        .tweets(try reader.topicID(), count: try reader.varint(.tweetCount, in: 1...Tweets.maximumCount))
      case .fence: .fence
      case .checkedPast: .past(try reader.checkedToken())
      case .checkedOrder: .order(try reader.checkedToken())
      }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    switch question {
    case .past(let token): write(token.check == nil ? .past : .checkedPast, token, to: &writer)
    case .order(let token): write(token.check == nil ? .order : .checkedOrder, token, to: &writer)
    case .fence: writer.write(Kind.fence.rawValue)
    case .tweets(let topic, let count):
      writer.write(Kind.tweets.rawValue)
      writer.write(prefixed: topic.description.utf8)
      writer.write(varint: UInt64(count))
    }
  }

  private func write(_ kind: Kind, _ token: ResumeToken, to writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(prefixed: token.lineage.description.utf8)
    writer.write(varint: token.position)
    if let check = token.check { writer.write(check) }
  }
}
