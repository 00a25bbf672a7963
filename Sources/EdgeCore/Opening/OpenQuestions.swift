import Primitives
import Wire

/// The unanswered questions to hubs: each is asked once, however many clients wait for its answer.
struct OpenQuestions: Sendable {
  /// The content of a hub's answer.
  enum Answer: Sendable {
    case past(ResumeToken, [ScoreID: UInt64])
    case order(ResumeToken, [RawHistory.Event], rawAudience: UInt64)
    case tweets(TopicID, [[UInt8]])
    /// No hub knows.
    case unknown
    /// The hub could not answer at present.
    case unavailable
  }

  private struct Open: Sendable {
    let question: Query.Question
    let rawAudience: UInt64
    // The parts of an answer that have arrived so far.
    var totals: [ScoreID: UInt64] = [:]
    var events: [RawHistory.Event] = []
  }

  private var open: [UInt64: Open] = [:]
  private var asked: Set<Query.Question> = []
  private var lastID: UInt64 = 0

  func topic(askedBy id: UInt64) -> TopicID? {
    if case .tweets(let topic, _) = open[id]?.question { topic } else { nil }
  }

  /// The topics whose lists are awaited.
  var topics: Set<TopicID> {
    Set(asked.compactMap { if case .tweets(let topic, _) = $0 { topic } else { nil } })
  }

  func hasRoom(for question: Query.Question) -> Bool {
    asked.contains(question) || open.count < OpeningResolver.questionsMaximum
  }

  /// Opens a question; nil if it is open already.
  ///
  /// - Parameter rawAudience: the ``IdentifiedUpdates/rawAudience`` that the question is for.
  mutating func ask(_ question: Query.Question, rawAudience: UInt64) -> Query? {
    guard asked.insert(question).inserted else { return nil }
    lastID += 1
    open[lastID] = Open(question: question, rawAudience: rawAudience)
    return Query(id: lastID, question)
  }

  /// Closes a question without an answer.
  mutating func withdraw(_ id: UInt64) -> Query.Question? {
    guard let closed = open.removeValue(forKey: id) else { return nil }
    asked.remove(closed.question)
    return closed.question
  }

  /// Takes in an answer, or a part of one.
  ///
  /// - Returns: the question and its answer, once the last part has arrived; nil for other messages.
  mutating func answered(_ message: Message) -> (Query.Question, Answer)? {
    switch message {
    case .pastTotals(let part):
      guard var entry = open[part.id], case .past(let token) = entry.question else { return nil }
      for total in part.entries { entry.totals[total.id] = total.total }
      return close(part.id, part.outcome, isLast: part.isLast, entry, .past(token, entry.totals))
    case .order(let part):
      guard var entry = open[part.id], case .order(let token) = entry.question else { return nil }
      for (index, id) in part.ids.enumerated() {
        entry.events.append(RawHistory.Event(position: part.firstPosition + Position(index), id: id))
      }
      return close(
        part.id, part.outcome, isLast: part.isLast, entry,
        .order(token, entry.events, rawAudience: entry.rawAudience))
    case .tweets(let list):
      guard let entry = open[list.id], case .tweets(let topic, _) = entry.question else { return nil }
      return close(list.id, list.outcome, isLast: true, entry, .tweets(topic, list.payloads))
    default: return nil
    }
  }

  private mutating func close(
    _ id: UInt64, _ outcome: QueryOutcome, isLast: Bool, _ entry: Open, _ answer: Answer
  ) -> (Query.Question, Answer)? {
    guard isLast else {
      open[id] = entry
      return nil
    }
    _ = withdraw(id)
    return switch outcome {
    case .answered: (entry.question, answer)
    case .unknown: (entry.question, .unknown)
    case .unavailable: (entry.question, .unavailable)
    }
  }
}
