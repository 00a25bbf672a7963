import Primitives
import Testing
import Wire

/// Reads the messages from a hub to an edge, and compares each answer with the messages before it.
struct PastReader {
  private(set) var checkedTotals = 0
  private(set) var checkedOrders = 0
  private(set) var outcomes: [QueryOutcome: Int] = [:]

  private let questions: [UInt64: Query.Question]
  private var totals: [ScoreID: UInt64] = [:]
  /// The totals at each flushed position.
  private var history: [Position: [ScoreID: UInt64]] = [:]
  private var raw: [(position: Position, id: ScoreID)] = []
  private var flushed: Position = 0
  private var pastParts: [PastTotals] = []
  private var orderParts: [Order] = []

  init(questions: [UInt64: Query.Question]) {
    self.questions = questions
  }

  mutating func receive(_ message: Message) {
    switch message {
    case .snapshot(let snapshot): merge(snapshot.entries, snapshot.position)
    case .scores(let scores): merge(scores.entries, scores.position)
    case .raw(let batch):
      for (offset, id) in batch.ids.enumerated() { raw.append((batch.firstPosition + Position(offset), id)) }
    case .pastTotals(let part):
      pastParts.append(part)
      if part.isLast { check(pastParts) }
    case .order(let part):
      orderParts.append(part)
      if part.isLast { check(orderParts) }
    default: break
    }
  }

  private mutating func merge(_ entries: [ScoreTotal], _ position: Position) {
    for entry in entries { totals[entry.id] = max(entry.total, totals[entry.id] ?? 0) }
    flushed = position
    history[position] = totals
  }

  private mutating func check(_ parts: [PastTotals]) {
    pastParts = []
    outcomes[parts[0].outcome, default: 0] += 1
    guard parts[0].outcome == .answered else { return }
    guard case .past(let token) = questions[parts[0].id], let expected = history[token.position] else {
      Issue.record("an answer to no question: \(parts[0].id)")
      return
    }
    let told = Dictionary(uniqueKeysWithValues: parts.flatMap(\.entries).map { ($0.id, $0.total) })
    #expect(told == expected, "at \(token), now \(flushed)")
    checkedTotals += 1
  }

  private mutating func check(_ parts: [Order]) {
    orderParts = []
    outcomes[parts[0].outcome, default: 0] += 1
    guard parts[0].outcome == .answered else { return }
    guard case .order(let token) = questions[parts[0].id] else {
      Issue.record("an answer to no question: \(parts[0].id)")
      return
    }
    let told = parts.flatMap { part in
      part.ids.enumerated().map { (position: part.firstPosition + Position($0.offset), id: $0.element) }
    }
    let expected = raw.filter { $0.position > token.position }
    #expect(told.map(\.position) == expected.map(\.position), "after \(token), now \(flushed)")
    #expect(told.map(\.id) == expected.map(\.id), "after \(token), now \(flushed)")
    checkedOrders += 1
  }
}
