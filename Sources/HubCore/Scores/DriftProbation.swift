/// Drift that a fence found: what becomes of it before anything is done about it.
///
/// The *drift* of an id is what Redis holds minus what this hub counted, at one place in the order of messages. A feeder
/// that adds to the total and publishes the id in one step (a script, or a transaction) leaves none. One that sends two
/// commands leaves what is between them: positive if the total comes first, negative if the message does. That is no
/// loss; it is gone as soon as the second command is executed.
///
/// So nothing is done at once. The ids with drift are looked at again at up to ``fencesMaximum`` fences, 200 ms apart,
/// and of each the drift nearest to zero counts (zero, if signs differ): what is between two commands changes from
/// fence to fence, what is missing for good is part of every drift. If nothing remains, the drift is explained.
///
/// What remains is a matter of this hub's count, because a truth below the one of the fence before never gets here
/// (`ScoreTable+Fence.swift`: that alone means that Redis went backwards):
/// - positive: something was counted without a message, or the feeder died between two commands. It is repaired;
/// - negative: this hub counted messages that no total has. An earlier fence adopted totals whose messages were still to
///   come, and then they came; or a message is published without a count; or Redis lost what came since the fence before.
///   The count is set to the truth, and what was told of it is taken back.
///
/// An id that is so busy that something of it is always under way is corrected by that much too far, and back by a
/// later fence. The error is never more than what is under way at once, and it does not add up.
struct DriftProbation: Equatable, Sendable {
  /// How many fences look at a drift, the one that found it included.
  static let fencesMaximum = 5

  /// What one more fence brought.
  enum Verdict: Equatable {
    /// Another fence must look.
    case undecided
    /// No drift remains: it was under way.
    case explained
    /// These drifts were there all the time.
    case remains([Int: Int64])
  }

  /// True once some id's drift has gone by itself.
  private(set) var hasExplained = false
  private var nearest: [Int: Int64]
  private var fenceCount = 1

  /// A fence has found drift.
  ///
  /// - Parameter drifts: what is not zero, by the index of the id.
  init(_ drifts: [Int: Int64]) {
    nearest = drifts
  }

  /// The next fence has been made. Drift of other ids than at first is left to a later probation.
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
