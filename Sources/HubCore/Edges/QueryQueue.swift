import Primitives
public import Wire

/// A query, and the link that it came over.
public struct AskedQuery: Equatable, Sendable {
  /// The number by which the hub knows the link.
  public let link: Int
  /// What is asked.
  public let query: Query
}

/// What edges asked about the past and was not answered yet.
///
/// Answers go out with the tick, behind its scores: so an answer tells of nothing that its link was not sent, and
/// whatever is asked for the same place between two ticks is worked out once.
///
/// A tick answers only so much that the next one is not late; the rest waits for that. Lists of tweets wait also while it is in
/// doubt whether Redis was set back: then they would be of the past, and an edge must hear first of the lineage that begins.
public struct QueryQueue: Sendable {
  /// How many totals and ids a tick answers with, about: some 10 ms.
  static let itemsMaximum = 131_072

  /// What a tick has to answer.
  public struct Batch: Equatable, Sendable {
    /// Who asks what the totals were, by the position. All are known.
    public internal(set) var past: [Position: [AskedQuery]] = [:]
    /// Who asks which ids came, by the position behind which. All are known.
    public internal(set) var order: [Position: [AskedQuery]] = [:]
    /// Who asks for tweets, by the topic.
    public internal(set) var tweets: [TopicID: [AskedQuery]] = [:]
    /// Who gets no answer, and why.
    public internal(set) var refused: [Refusal] = []
  }

  /// A query without an answer.
  public struct Refusal: Equatable, Sendable {
    /// Who asks.
    public let asked: AskedQuery
    /// Why there is none.
    public let outcome: QueryOutcome
  }

  private var waiting = RingBuffer<AskedQuery>()

  /// A queue in which nothing waits.
  public init() {}

  /// True if nothing waits.
  public var isEmpty: Bool { waiting.isEmpty }

  /// A query came.
  public mutating func append(_ query: Query, of link: Int) {
    waiting.append(AskedQuery(link: link, query: query))
  }

  /// Takes out what is to be answered now.
  ///
  /// - Parameter table: what the hub knows; all that it may tell was flushed.
  public mutating func take(knowing table: ScoreTable) -> Batch {
    var batch = Batch()
    var doubtful: [AskedQuery] = []
    var itemCount: UInt64 = 0
    while itemCount < Self.itemsMaximum, let asked = waiting.popFirst() {
      switch asked.query.question {
      case .tweets where table.isInDoubt: doubtful.append(asked)
      case .tweets(let topic, _): batch.tweets[topic, default: []].append(asked)
      case .fence: preconditionFailure("fences are no matter of the past")
      case .past(let token), .order(let token):
        guard table.standing != .awaitingFence else {
          batch.refused.append(Refusal(asked: asked, outcome: .unavailable))
          continue
        }
        guard table.knows(token) else {
          batch.refused.append(Refusal(asked: asked, outcome: .unknown))
          continue
        }
        if case .past = asked.query.question {
          batch.past[token.position, default: []].append(asked)
          itemCount += UInt64(table.trackedCount)
        } else if table.position - token.position > RelayProtocol.maximumOrderCount {
          batch.refused.append(Refusal(asked: asked, outcome: .unknown))
        } else {
          batch.order[token.position, default: []].append(asked)
          itemCount += table.position - token.position
        }
      }
    }
    for asked in doubtful { waiting.append(asked) }
    return batch
  }
}

extension QueryQueue.Batch {
  /// The places of which askers say what the totals were.
  var checkedPositions: Set<Position> {
    Set(
      (past.values.joined() + Array(order.values.joined())).compactMap(\.token)
        .filter { $0.check != nil }.map(\.position))
  }

  /// Refuses those who say that the totals were others: their place is one of another history.
  ///
  /// - Parameter checks: what they were; nothing of a place where that is not known.
  mutating func refuseWrongChecks(_ checks: [Position: UInt32]) {
    guard !checks.isEmpty else { return }
    func isWrong(_ asked: AskedQuery) -> Bool {
      guard let token = asked.token, let check = token.check, let known = checks[token.position] else {
        return false
      }
      return check != known
    }
    let wrong = (past.values.joined() + Array(order.values.joined())).filter(isWrong)
    guard !wrong.isEmpty else { return }
    past = past.mapValues { $0.filter { !isWrong($0) } }.filter { !$0.value.isEmpty }
    order = order.mapValues { $0.filter { !isWrong($0) } }.filter { !$0.value.isEmpty }
    refused += wrong.map { QueryQueue.Refusal(asked: $0, outcome: .unknown) }
  }
}

extension AskedQuery {
  /// The place that is asked about; nil if it is none.
  var token: ResumeToken? {
    switch query.question {
    case .past(let token), .order(let token): token
    case .tweets, .fence: nil
    }
  }
}
