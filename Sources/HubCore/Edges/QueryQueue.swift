import Primitives
import Wire

/// A query, and the link on which it arrived.
package struct AskedQuery: Equatable, Sendable {
  /// The hub's number for the link.
  package let link: Int
  /// The query.
  package let query: Query
}

/// The unanswered queries of edges about the past.
///
/// Answers go out with the tick, after its scores: so an answer refers to nothing that its link was not sent, and
/// queries for the same place between two ticks are computed once.
///
/// A tick answers only so much that the next one is not late; the rest waits for that. Lists of tweets also wait
/// while it is in doubt whether Redis was set back: they would be of the past, and an edge must learn first of the
/// lineage that begins.
package struct QueryQueue: Sendable {
  /// About how many totals and ids a tick answers with: some 10 ms.
  static let itemsMaximum = 131_072

  /// The queries that a tick answers.
  package struct Batch: Equatable, Sendable {
    /// The queries for totals, by position. All positions are known.
    package internal(set) var past: [Position: [AskedQuery]] = [:]
    /// The queries for ids, by the position after which. All positions are known.
    package internal(set) var order: [Position: [AskedQuery]] = [:]
    /// The queries for tweets, by topic.
    package internal(set) var tweets: [TopicID: [AskedQuery]] = [:]
    /// The queries without an answer, and the reason.
    package internal(set) var refused: [Refusal] = []
  }

  /// A query without an answer.
  package struct Refusal: Equatable, Sendable {
    /// The query.
    package let asked: AskedQuery
    /// The outcome in its answer.
    package let outcome: QueryOutcome
  }

  private var waiting = RingBuffer<AskedQuery>()

  /// An empty queue.
  package init() {}

  /// True if no query waits.
  package var isEmpty: Bool { waiting.isEmpty }

  /// A query arrived.
  package mutating func append(_ query: Query, of link: Int) {
    waiting.append(AskedQuery(link: link, query: query))
  }

  /// Takes out the queries to answer now.
  ///
  /// - Parameter table: the hub's totals; everything that may be sent has been flushed.
  package mutating func take(knowing table: ScoreTable) -> Batch {
    var batch = Batch()
    var doubtful: [AskedQuery] = []
    var itemCount: UInt64 = 0
    while itemCount < Self.itemsMaximum, let asked = waiting.popFirst() {
      switch asked.query.question {
      case .tweets where table.isInDoubt: doubtful.append(asked)
      case .tweets(let topic, _): batch.tweets[topic, default: []].append(asked)
      case .fence: preconditionFailure("a fence does not concern the past")
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
  /// The positions of queries that carry a check.
  var checkedPositions: Set<Position> {
    Set(
      (past.values.joined() + Array(order.values.joined())).compactMap(\.token)
        .filter { $0.check != nil }.map(\.position))
  }

  /// Refuses the queries whose check does not match: their place belongs to another history.
  ///
  /// - Parameter checks: the checks of the totals, without positions where they are not known.
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
  /// The place in the question; nil if it has none.
  var token: ResumeToken? {
    switch query.question {
    case .past(let token), .order(let token): token
    case .tweets, .fence: nil
    }
  }
}
