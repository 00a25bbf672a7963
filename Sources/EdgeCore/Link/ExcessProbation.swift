import Primitives

/// What clients were told and no hub holds: what becomes of it before anything is done about it.
///
/// Clients must be told nothing that Redis does not hold. But totals that no hub confirms at present may be right: the hub that
/// brought them is gone, and the others are a few messages behind; or a feeder publishes first and counts a moment later. So the
/// hubs are asked to read Redis's totals again, ``roundsMaximum`` times, ``roundInterval`` apart, and of each total the smallest
/// excess counts. What remains was told too much: a hub counted messages of a feeder of two commands that were in the totals it
/// began with, or Redis came back from an older state. It is taken back.
struct ExcessProbation: Sendable {
  /// How often hubs are asked.
  static let roundsMaximum = 5
  /// How far apart.
  static let roundInterval = Duration.milliseconds(200)

  /// How long clients that come meanwhile wait for the outcome, so that they are not told first what is taken back then. A hub
  /// that answers does so well within this time; one that hangs must not keep them waiting.
  static let holdLimit = Duration.seconds(2)

  /// Until when clients that come wait at the most.
  let holdsClientsUntil: Instant
  /// What remains, by index.
  private(set) var smallest: [Int: UInt64]
  /// When to ask; nil while an answer is awaited.
  private(set) var askAt: Instant?
  private var rounds = 0

  /// An excess was found.
  init(_ excess: [Int: UInt64], now: Instant) {
    smallest = excess
    holdsClientsUntil = now.advanced(by: Self.holdLimit)
    askAt = now.advanced(by: Self.roundInterval)
  }

  /// Whether it was looked at often enough.
  var isOver: Bool { rounds >= Self.roundsMaximum }

  /// A hub is asked.
  mutating func asked() { askAt = nil }

  /// No hub could be asked, or none answered.
  mutating func unanswered(now: Instant) { askAt = now.advanced(by: Self.roundInterval) }

  /// A hub has read Redis's totals again since it was asked.
  ///
  /// - Parameter excess: what no hub holds now.
  mutating func answered(_ excess: [Int: UInt64], now: Instant) {
    looked(excess)
    rounds += 1
    askAt = now.advanced(by: Self.roundInterval)
  }

  /// What hubs hold has changed.
  mutating func looked(_ excess: [Int: UInt64]) {
    smallest = smallest.compactMapValues { $0 }.reduce(into: [:]) { result, entry in
      let remains = min(entry.value, excess[entry.key] ?? 0)
      if remains > 0 { result[entry.key] = remains }
    }
  }
}
