import Primitives

/// A question of an edge to its hub about the past, or about Redis; the answer has the same id.
package struct Query: Equatable, Sendable {
  /// The possible questions.
  package enum Question: Hashable, Sendable {
    /// The totals at a place, answered by ``PastTotals``.
    case past(ResumeToken)
    /// The ids after a place, in their order, answered by ``Order``.
    case order(ResumeToken)
    /// The last tweets of a topic, answered by ``Tweets``. The count is 1 to ``Tweets/maximumCount``.
    case tweets(TopicID, count: Int)
    /// Requests a new reading of Redis's totals, answered by ``Fenced`` after the result. From version 2 on.
    case fence
  }

  /// Identifies the query on this link; the edge chooses it, different from all unanswered ones.
  package let id: UInt64
  /// The question.
  package let question: Question

  /// - Precondition: a question for tweets has a count of 1 to ``Tweets/maximumCount``.
  package init(id: UInt64, _ question: Question) {
    if case .tweets(_, let count) = question { precondition((1...Tweets.maximumCount).contains(count)) }
    self.id = id
    self.question = question
  }
}

/// How a ``Query`` ended.
package enum QueryOutcome: UInt8, Sendable, CaseIterable {
  /// The answer follows.
  case answered = 1
  /// The hub does not know, and will not: the place is too long ago, in another history, or not reached yet.
  case unknown = 2
  /// The hub cannot answer at present: Redis is not reachable, or the edge has too many unanswered queries.
  case unavailable = 3
}

extension Query {
  /// The query in a form that a hub of this version understands; nil if there is none.
  package func expressed(inVersion version: UInt8) -> Query? {
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
  static let sender: Peer? = .edge
  static var maximumLength: Int { 1 + 10 + 1 + (1 + 64) + 10 + 4 }

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
