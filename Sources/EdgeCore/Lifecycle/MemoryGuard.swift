import Primitives

/// Decides what an edge does as its memory runs out, so that the kernel does not kill it: first it gets no new clients,
/// and then it loses the slowest ones.
///
/// ```
///            80 %                90 %
///   ample ─────────► refusing ─────────► releasing
///         ◄─────────          ◄─────────
///         below 75 %          below 85 %
/// ```
/// The percentages are those of the limit. Each state ends below the percentage at which it began: the edge does not change
/// with each client that comes or goes.
package struct MemoryGuard: Sendable {
  /// What the memory allows, from much to little.
  package enum State: Comparable, Sendable {
    /// Everything, as without a limit.
    case ample
    /// No new client gets a stream.
    case refusing
    /// Clients that lag are closed as well.
    case releasing

    /// The word in `/admin/status.json` and in the log.
    package var word: String {
      switch self {
      case .ample: "ample"
      case .refusing: "refusing"
      case .releasing: "releasing"
      }
    }
  }

  private static let refusal = (begins: 0.80, ends: 0.75)
  private static let release = (begins: 0.90, ends: 0.85)
  /// From here on all clients that lag are closed at once.
  private static let last = 0.95
  /// Trimming holds up whatever allocates meanwhile.
  private static let trimInterval = 10

  private var secondsSinceTrim = 0
  /// What the memory allows at present.
  package private(set) var state = State.ample

  /// As much memory as the edge wants.
  package init() {}

  /// What the driver does.
  package struct Action: Equatable, Sendable {
    /// The state that has begun; nil if it is the same as before.
    package var change: State?
    /// The part of the clients that lag to close now, the slowest first.
    package var closedShare = 0.0
    /// Whether to return free memory within the heap to the system.
    package var trimsHeap = false
  }

  /// A second has passed.
  ///
  /// - Parameter usage: nil without a limit.
  package mutating func secondPassed(_ usage: MemoryUsage?) -> Action {
    let before = state
    let share = usage?.share ?? 0
    state = next(share)
    var action = Action(change: state == before ? nil : state)
    if state == .releasing {
      // In proportion to what is missing: the second that follows may need more.
      action.closedShare = min(1, (share - Self.release.ends) / (Self.last - Self.release.ends))
    }
    secondsSinceTrim += 1
    if state > before || state == .releasing && secondsSinceTrim >= Self.trimInterval {
      action.trimsHeap = true
      secondsSinceTrim = 0
    }
    return action
  }

  private func next(_ share: Double) -> State {
    if share >= Self.release.begins { return .releasing }
    if state == .releasing, share >= Self.release.ends { return .releasing }
    if share >= Self.refusal.begins { return .refusing }
    return state != .ample && share >= Self.refusal.ends ? .refusing : .ample
  }
}
