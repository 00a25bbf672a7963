import Primitives
import Wire

// The answers of hubs.
extension OpeningResolver {
  /// A hub answered a question with a ``Wire/PastTotals``, ``Wire/Order`` or ``Wire/Tweets``; other messages change
  /// nothing.
  ///
  /// Before a ``Wire/Tweets``, every earlier message must have been handed to the workers: the list is valid exactly
  /// at its place.
  package mutating func answered(
    _ message: Message, for renderer: inout UpdateRenderer, now: Instant
  ) -> [Action] {
    guard let (question, answer) = questions.answered(message) else { return [] }
    deadline = now
    switch answer {
    case .past(let token, let totals):
      guard token.isThat(of: totals) else {
        release(question) { $0.isDenied = true }
        return []
      }
      cache.keep(totals, at: token, now: now)
    case .order(let token, let events, let rawAudience):
      renderer.identified.learned(events, after: token, for: rawAudience, renderer.mirror)
    case .tweets(let topic, let list): return open(topic, renderer.watched.end(topic, list: list))
    case .unknown:
      if case .tweets(let topic, _) = question { return open(topic, renderer.watched.end(topic, list: [])) }
      release(question) { $0.isDenied = true }
      return []
    case .unavailable:
      release(question) { $0.askAt = now.advanced(by: Self.askAgainDelay) }
      return []
    }
    release(question) { _ in }
    return []
  }

  /// No hub could be asked, or the connection to the asked hub is lost.
  package mutating func unanswered(_ id: UInt64, now: Instant) {
    guard let question = questions.withdraw(id) else { return }
    release(question) { $0.askAt = now.advanced(by: Self.askAgainDelay) }
  }

  /// The topic of a query for tweets; nil for other queries, and for queries from elsewhere.
  package func topic(askedBy id: UInt64) -> TopicID? { questions.topic(askedBy: id) }

  private mutating func release(_ question: Query.Question, _ change: (inout Waiting) -> Void) {
    for (request, entry) in waiting where entry.question == question {
      var entry = entry
      entry.question = nil
      change(&entry)
      waiting[request] = entry
    }
  }

  private mutating func open(_ topic: TopicID, _ tweets: [[UInt8]]) -> [Action] {
    var actions: [Action] = []
    for request in Array(waiting.keys) {
      guard case .tweets(topic, let count) = request else { continue }
      actions.append(.open(take(request), UpdateRenderer.render(tweets.suffix(count), of: topic)))
    }
    return actions
  }
}
