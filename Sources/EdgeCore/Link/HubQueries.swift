import Wire

/// The unanswered questions about the past. If one hub cannot answer, the next one is asked.
///
/// A query keeps its id at every hub, and no hub is asked twice, so a late answer from a hub that was given up is
/// recognized.
package struct HubQueries: Sendable {
  /// The next step of the driver.
  package enum Action: Equatable, Sendable {
    /// Send the query to this hub.
    case send(Query, hub: Int)
    /// The answer from this hub: all its parts, or the last hub's refusal.
    case deliver([Message], from: Int)
    /// No hub can be asked, or the last one is gone.
    case giveUp(Query)
  }

  private struct Asked {
    let query: Query
    let hub: Int
    let others: ArraySlice<Int>
    var parts: [Message] = []
  }

  private var asked: [UInt64: Asked] = [:]

  /// No questions.
  package init() {}

  /// How many questions are open.
  package var count: Int { asked.count }

  /// A question arises.
  ///
  /// - Parameters:
  ///   - query: its id differs from those of all open queries.
  ///   - hubs: the hubs to ask, the best one first.
  package mutating func queryPosed(_ query: Query, to hubs: [Int]) -> Action {
    ask(query, hubs[...]) ?? .giveUp(query)
  }

  private mutating func ask(_ query: Query, _ hubs: ArraySlice<Int>) -> Action? {
    guard let hub = hubs.first else { return nil }
    asked[query.id] = Asked(query: query, hub: hub, others: hubs.dropFirst())
    return .send(query, hub: hub)
  }

  /// A link is lost, and with it the questions sent there.
  package mutating func linkClosed(to hub: Int) -> [Action] {
    let lost = asked.values.filter { $0.hub == hub }.sorted { $0.query.id < $1.query.id }
    return lost.map { entry in
      asked[entry.query.id] = nil
      return ask(entry.query, entry.others) ?? .giveUp(entry.query)
    }
  }

  /// A hub sent an answer, or a part of one.
  ///
  /// - Returns: nil if the answer is not complete, or this hub was not asked.
  package mutating func answerReceived(_ message: Message, from hub: Int) -> Action? {
    guard let (id, outcome, isLast) = Self.answer(message), let entry = asked[id], entry.hub == hub else {
      return nil
    }
    guard outcome == .answered else {
      asked[id] = nil
      return ask(entry.query, entry.others) ?? .deliver([message], from: hub)
    }
    asked[id]?.parts.append(message)
    guard isLast else { return nil }
    asked[id] = nil
    return .deliver(entry.parts + [message], from: hub)
  }

  private static func answer(_ message: Message) -> (id: UInt64, outcome: QueryOutcome, isLast: Bool)? {
    switch message {
    case .pastTotals(let part): (part.id, part.outcome, part.isLast)
    case .order(let part): (part.id, part.outcome, part.isLast)
    case .tweets(let tweets): (tweets.id, tweets.outcome, true)
    case .fenced(let fenced): (fenced.id, fenced.outcome, true)
    default: nil
    }
  }
}
