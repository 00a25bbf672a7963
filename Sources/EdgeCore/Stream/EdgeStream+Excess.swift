import Primitives
import Wire

// What clients were told and no hub holds: see `ExcessProbation`.
extension EdgeStream {
  /// The id of the question whether hubs read totals again: none that clients, or repairs, ask.
  private static let fenceQuestionID: UInt64 = (1 << 63) - 1

  /// Holds what clients were told against what the hubs hold, if that may have become less.
  mutating func lookForExcess(_ now: Instant) {
    guard let hasTakenBack = merge.takeSupportChange() else { return }
    let found = renderer.mirror.excess(over: merge.support)
    guard !found.isEmpty else {
      excess = nil
      return
    }
    // A hub takes back only what it has looked at often enough itself.
    if hasTakenBack { return takeBack(found) }
    if excess == nil {
      excess = ExcessProbation(found, now: now)
      // If Redis was set back, the lists of tweets that are asked for now are those of that past.
      repair.historyDoubted()
    } else {
      excess?.looked(found)
    }
    if excess?.smallest.isEmpty == true { excess = ExcessProbation(found, now: now) }
  }

  /// Until when the streams of clients that come do not begin, since what they would be told is in doubt.
  var holdsClientsUntil: Instant { excess?.holdsClientsUntil ?? .origin }

  /// What no hub holds that hears from Redis; nothing if there is no such hub.
  private var presentExcess: [Int: UInt64] {
    let support = merge.support
    return support.isEmpty ? [:] : renderer.mirror.excess(over: support)
  }

  /// Asks, if it is time.
  mutating func askAboutExcess(_ now: Instant, _ actions: inout [Action]) {
    guard let askAt = excess?.askAt, askAt <= now else { return }
    guard excess?.isOver == false else {
      return finishExcess()
    }
    let query = Query(id: Self.fenceQuestionID, .fence)
    guard !hubs(for: query).isEmpty else {
      // What hubs hold must change before there is anything to ask.
      return excess = nil
    }
    excess?.asked()
    ask(query, now, &actions)
  }

  mutating func excessAnswered(_ fenced: Fenced, _ now: Instant, _ actions: inout [Action]) {
    guard fenced.outcome == .answered else { return excessUnanswered(now, &actions) }
    guard excess != nil else { return }
    let found = presentExcess
    excess?.answered(found, now: now)
    if excess?.smallest.isEmpty == true { excess = nil }
    if excess?.isOver == true { finishExcess() }
    actions.append(.endTurn)
  }

  mutating func excessUnanswered(_ now: Instant, _ actions: inout [Action]) {
    excess?.unanswered(now: now)
    actions.append(.endTurn)
  }

  private mutating func finishExcess() {
    guard let remaining = excess?.smallest else { return }
    takeBack(remaining)
  }

  private mutating func takeBack(_ amounts: [Int: UInt64]) {
    excess = nil
    renderer.takeBack(amounts)
    merge.renumbered()
    repair.renumbered()
  }
}
