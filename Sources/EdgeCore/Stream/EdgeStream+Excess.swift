import PlantedFaults
import Primitives
import Wire

// Totals that clients were sent but that no hub holds: see `ExcessConfirmation`.
extension EdgeStream {
  /// The id of the fence query; queries for clients and for repairs never use it.
  private static let fenceQuestionID: UInt64 = (1 << 63) - 1

  /// Compares the totals sent to clients with those of the hubs, if the latter may have fallen.
  ///
  /// - Parameter heldUntil: the end of a wait in progress that another excess began.
  mutating func lookForExcess(_ now: Instant, heldUntil: Instant? = nil) {
    guard let hasTakenBack = merge.takeSupportChange() else { return }
    let found = renderer.mirror.excess(over: merge.support)
    guard !found.isEmpty else {
      excess = nil
      return
    }
    // A hub takes something back only after its own confirmation.
    if hasTakenBack { return takeBack(found) }
    excess?.looked(found)
    guard excess?.smallest.isEmpty != false else { return }
    // Another excess than the one before, if there was one: clients have waited since that.
    excess = ExcessConfirmation(found, now: now, holdsClientsUntil: excess?.holdsClientsUntil ?? heldUntil)
    // If Redis was set back, lists of tweets from now on may be of that past.
    repair.historyDoubted()
  }

  /// Until when new clients are sent no totals, because these are in doubt.
  var holdsClientsUntil: Instant { excess?.holdsClientsUntil ?? .origin }

  /// The excess over all hubs that hear from Redis; empty if there is no such hub.
  private var presentExcess: [Int: UInt64] {
    let support = merge.support
    return support.isEmpty ? [:] : renderer.mirror.excess(over: support)
  }

  /// Sends the fence query if it is due.
  mutating func askAboutExcess(_ now: Instant, _ actions: inout [Action]) {
    guard let askAt = excess?.askAt, askAt <= now else { return }
    guard excess?.isOver == false else {
      return finishExcess(now)
    }
    let query = Query(id: Self.fenceQuestionID, .fence)
    guard !hubs(for: query).isEmpty else {
      // The hubs' totals must change before there is anything to ask.
      return excess = nil
    }
    excess?.asked()
    ask(query, now, &actions)
  }

  mutating func excessAnswered(_ fenced: Fenced, _ now: Instant, _ actions: inout [Action]) {
    guard fenced.outcome == .answered, !planted(.fenceAnswerIgnored) else {
      return excessUnanswered(now, &actions)
    }
    guard excess != nil else { return }
    let found = presentExcess
    excess?.answered(found, now: now)
    if excess?.isOver == true || excess?.smallest.isEmpty == true { finishExcess(now) }
    actions.append(.endTurn)
  }

  mutating func excessUnanswered(_ now: Instant, _ actions: inout [Action]) {
    excess?.unanswered(now: now)
    actions.append(.endTurn)
  }

  private mutating func finishExcess(_ now: Instant) {
    guard let ended = excess else { return }
    excess = nil
    if !ended.smallest.isEmpty { takeBack(ended.smallest) }
    // The hubs' totals may have fallen further meanwhile.
    merge.hasSupportChanged = true
    lookForExcess(now, heldUntil: ended.smallest.isEmpty ? ended.holdsClientsUntil : nil)
  }

  private mutating func takeBack(_ amounts: [Int: UInt64]) {
    excess = nil
    renderer.takeBack(amounts)
    merge.renumbered()
    repair.renumbered()
  }
}
