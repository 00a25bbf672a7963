import Primitives

/// Totals that clients were sent but that no hub holds, under observation before the edge takes them back.
///
/// Clients must not hold more than Redis does. But totals that no hub confirms at present may be right: the hub that
/// sent them is gone, and the others are a few messages behind; or a feeder publishes first and counts a moment
/// later. So the edge asks the hubs to read Redis's totals again, ``roundsMaximum`` times, ``roundInterval`` apart,
/// and keeps the smallest excess of each total. That remainder is wrong: a hub counted messages of a two-command
/// feeder that were already in the totals it began with, or Redis came back from an older state. The edge takes it
/// back.
struct ExcessConfirmation: Sendable {
  /// How often the hubs are asked.
  static let roundsMaximum = 5
  /// The time between two questions.
  static let roundInterval = Duration.milliseconds(200)

  /// How long clients that connect meanwhile wait for the outcome, so that they never receive the excess. A hub that
  /// answers does so well within this time; one that hangs must not keep them waiting.
  static let holdLimit = Duration.seconds(2)

  /// The end of that wait.
  let holdsClientsUntil: Instant
  /// The smallest excess so far, by index of the id.
  private(set) var smallest: [Int: UInt64]
  /// When to ask next; nil while the edge waits for an answer.
  private(set) var askAt: Instant?
  private var rounds = 0

  /// Starts with the excess that was found.
  ///
  /// - Parameter holdsClientsUntil: the end of the wait in progress; nil if a wait begins.
  init(_ excess: [Int: UInt64], now: Instant, holdsClientsUntil: Instant? = nil) {
    smallest = excess
    self.holdsClientsUntil = holdsClientsUntil ?? now.advanced(by: Self.holdLimit)
    askAt = now.advanced(by: Self.roundInterval)
  }

  /// Whether all rounds are done.
  var isOver: Bool { rounds >= Self.roundsMaximum }

  /// A hub has been asked.
  mutating func asked() { askAt = nil }

  /// No hub could be asked, or none answered: the round is repeated.
  mutating func unanswered(now: Instant) { askAt = now.advanced(by: Self.roundInterval) }

  /// A hub has read Redis's totals again.
  ///
  /// - Parameter excess: the totals that no hub holds now.
  mutating func answered(_ excess: [Int: UInt64], now: Instant) {
    looked(excess)
    rounds += 1
    askAt = now.advanced(by: Self.roundInterval)
  }

  /// The hubs' totals have changed; does not count as a round.
  mutating func looked(_ excess: [Int: UInt64]) {
    smallest = smallest.reduce(into: [:]) { result, entry in
      let remains = min(entry.value, excess[entry.key] ?? 0)
      if remains > 0 { result[entry.key] = remains }
    }
  }
}
