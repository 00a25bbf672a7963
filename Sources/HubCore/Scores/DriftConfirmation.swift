/// Drift that a fence found, under observation before the hub acts on it.
///
/// The *drift* of an id is its total in Redis minus this hub's count, at one place in the order of messages. A feeder
/// that adds to the total and publishes the id in one step (a script, or a transaction) causes none. A feeder that
/// sends two commands causes drift for the time between them: positive if the total comes first, negative if the
/// message does. That is not a loss: the drift vanishes when the second command is executed.
///
/// So the hub does not act at once. It checks the ids with drift again at up to ``fencesMaximum`` fences, 200 ms
/// apart, and keeps the drift nearest to zero of each (zero, if signs differ): increments between two commands change
/// from fence to fence, lost increments are part of every drift. If nothing remains, the drift is explained.
///
/// Any remainder is an error in this hub's count, because a truth below that of the previous fence never gets here
/// (`ScoreTable+Fence.swift`: only that means that Redis went backwards):
/// - positive: something was counted without a message, or the feeder died between two commands. The hub repairs it;
/// - negative: this hub counted messages that no total includes. An earlier fence adopted totals whose messages
///   arrived later; or a message was published without a count; or Redis lost what came since the previous fence. The
///   count is set to the truth, and edges take the difference back.
///
/// For an id so busy that it always has increments between two commands, a correction overshoots by that number, and
/// a later fence corrects it back. The error never exceeds the increments under way at once, and it does not
/// accumulate.
struct DriftConfirmation: Equatable, Sendable {
  /// How many fences check a drift, including the one that found it.
  static let fencesMaximum = 5

  /// The result of a further fence.
  enum Verdict: Equatable {
    /// Another fence must check.
    case undecided
    /// No drift remains: it was between two commands.
    case explained
    /// These drifts were present at every fence.
    case remains([Int: Int64])
  }

  /// True once the drift of some id has vanished by itself.
  private(set) var hasExplained = false
  private var nearest: [Int: Int64]
  private var fenceCount = 1

  /// A fence has found drift.
  ///
  /// - Parameter drifts: all that are not zero, by the index of the id.
  init(_ drifts: [Int: Int64]) {
    nearest = drifts
  }

  /// The next fence is done. Drift of other ids than the first fence found is left to a later confirmation.
  mutating func fenced(_ drifts: [Int: Int64]) -> Verdict {
    fenceCount += 1
    for (index, before) in nearest {
      let drift = drifts[index] ?? 0
      if drift.signum() != before.signum() {
        nearest[index] = nil
        hasExplained = true
      } else if drift.magnitude < before.magnitude {
        nearest[index] = drift
      }
    }
    if nearest.isEmpty { return .explained }
    return fenceCount < Self.fencesMaximum ? .undecided : .remains(nearest)
  }
}
