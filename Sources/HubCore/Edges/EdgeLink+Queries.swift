import Wire

extension EdgeLink {
  /// True if an answer of that many bytes may be queued; if not, the query is unavailable.
  ///
  /// An edge that is behind has nothing to compare the answer with, and an answer must not make a slow edge skip
  /// frames.
  package func admitsAnswer(byteCount: Int) -> Bool {
    hello != nil && flow == .following && backlog + byteCount <= terms.backlogMaximum
  }

  /// A query was answered or refused.
  package mutating func queryAnswered() {
    unansweredQueries -= 1
  }

  mutating func queryReceived(_ query: Query) -> MessageAction {
    guard unansweredQueries < RelayProtocol.maximumUnansweredQueries else {
      return .refuseQuery(query)
    }
    unansweredQueries += 1
    return .answer(query)
  }
}

extension Query {
  /// The message that refuses the query.
  package func answer(without outcome: QueryOutcome) -> Message {
    switch question {
    case .past: .pastTotals(PastTotals(id: id, outcome: outcome))
    case .order: .order(Order(id: id, outcome: outcome))
    case .tweets: .tweets(Tweets(id: id, outcome: outcome))
    case .fence: .fenced(Fenced(id: id, outcome: outcome))
    }
  }
}
