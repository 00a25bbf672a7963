public import Wire

/// What came of a question about the past.
public enum HubAnswer: Equatable, Sendable {
  /// The totals at that place; those that were 0 may be left out.
  case past([ScoreTotal])
  /// The ids behind that place, in runs of consecutive positions.
  case order([Order])
  /// The last tweets of a topic, oldest first, and which hub said so: the answer stands where that hub's stream is.
  case tweets([[UInt8]], hub: Int)
  /// No hub knows, and none will.
  case unknown
  /// No hub can say at present.
  case unavailable
}

/// The questions that hubs have not answered yet. What one hub can not say is asked of the next one.
///
/// Numbers tell questions apart, and are never used twice, so that the answer of a hub that was given up is ignored.
public struct HubQueries: Sendable {
  /// What to do next.
  public enum Action: Equatable, Sendable {
    /// Ask that hub.
    case send(Query, hub: Int)
    /// Nobody else can be asked, or an answer is complete: the question that was given this number is over.
    case finish(UInt64, HubAnswer)
  }

  private struct Asked {
    let number: UInt64
    let question: Query.Question
    let hub: Int
    var others: ArraySlice<Int>
    var wasUnknown: Bool
    var totals: [ScoreTotal] = []
    var order: [Order] = []
  }

  private var asked: [UInt64: Asked] = [:]
  private var lastID: UInt64 = 0
  private var lastNumber: UInt64 = 0

  /// None.
  public init() {}

  /// How many questions are under way.
  public var count: Int { asked.count }

  /// Somebody asks.
  ///
  /// - Parameter hubs: whom to ask, the best one first.
  /// - Returns: the number of the question, and what to do.
  public mutating func questionAsked(_ question: Query.Question, of hubs: [Int]) -> (UInt64, Action) {
    lastNumber += 1
    return (lastNumber, ask(question, lastNumber, hubs[...], wasUnknown: false))
  }

  private mutating func ask(
    _ question: Query.Question, _ number: UInt64, _ hubs: ArraySlice<Int>, wasUnknown: Bool
  ) -> Action {
    guard let hub = hubs.first else { return .finish(number, wasUnknown ? .unknown : .unavailable) }
    lastID += 1
    asked[lastID] = Asked(
      number: number, question: question, hub: hub, others: hubs.dropFirst(), wasUnknown: wasUnknown)
    return .send(Query(id: lastID, question), hub: hub)
  }

  /// A link is gone, and with it what was asked there.
  public mutating func linkClosed(to hub: Int) -> [Action] {
    let lost = asked.filter { $0.value.hub == hub }.keys.sorted()
    return lost.compactMap { goOn($0, wasUnknown: false) }
  }

  /// A hub answered, or sent a part of an answer.
  public mutating func answered(_ message: Message, by hub: Int) -> Action? {
    switch message {
    case .pastTotals(let part):
      guard part.outcome == .answered else { return refused(part.id, part.outcome) }
      asked[part.id]?.totals += part.entries
      return part.isLast ? finish(part.id) { .past($0.totals) } : nil
    case .order(let part):
      guard part.outcome == .answered else { return refused(part.id, part.outcome) }
      asked[part.id]?.order.append(part)
      return part.isLast ? finish(part.id) { .order($0.order) } : nil
    case .tweets(let tweets):
      guard tweets.outcome == .answered else { return refused(tweets.id, tweets.outcome) }
      return finish(tweets.id) { _ in .tweets(tweets.payloads, hub: hub) }
    default: return nil
    }
  }

  private mutating func finish(_ id: UInt64, _ answer: (Asked) -> HubAnswer) -> Action? {
    guard let asked = asked.removeValue(forKey: id) else { return nil }
    return .finish(asked.number, answer(asked))
  }

  private mutating func refused(_ id: UInt64, _ outcome: QueryOutcome) -> Action? {
    goOn(id, wasUnknown: outcome == .unknown)
  }

  private mutating func goOn(_ id: UInt64, wasUnknown: Bool) -> Action? {
    guard let lost = asked.removeValue(forKey: id) else { return nil }
    return ask(lost.question, lost.number, lost.others, wasUnknown: lost.wasUnknown || wasUnknown)
  }
}
