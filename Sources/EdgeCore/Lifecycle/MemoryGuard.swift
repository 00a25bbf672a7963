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
/// The percentages are those of the limit. Each state ends below the percentage at which it began, and after five seconds at
/// the earliest: the edge does not change with each client that comes or goes.
///
/// What clients that left have freed stays in the heap until it is trimmed. So the driver asks first whether to trim
/// (``trimIsDue(_:now:)``), reads its memory again if it has, and then reports it (``observed(_:now:)``).
package struct MemoryGuard: Sendable {
  /// What the memory allows, from much to little.
  package enum State: Comparable, Sendable {
    /// Everything, as without a limit.
    case ample
    /// No new client gets a stream.
    case refusing
    /// No connection is accepted, and clients that lag are closed.
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
  /// From here on the driver looks more often: thousands of TLS handshakes in a second take some 50 MB.
  private static let watched = 0.50
  /// How long a state lasts before memory counts as less short.
  private static let dwell = Duration.seconds(5)
  /// The least time between two rounds of closing: the workers and the kernel need some to free memory.
  private static let closingInterval = Duration.seconds(1)
  /// The least time between two trims while memory is short: trimming holds up whatever allocates meanwhile.
  private static let trimInterval = Duration.seconds(10)

  private var share = 0.0
  private var changedAt: Instant?
  private var closedAt: Instant?
  private var trimmedAt: Instant?
  /// What the memory allows at present.
  package private(set) var state = State.ample

  /// As much memory as the edge wants.
  package init() {}

  /// The time until the driver looks at its memory again.
  package var lookInterval: Duration { share < Self.watched ? .seconds(1) : .milliseconds(100) }

  /// Whether to return free memory within the heap to the system, before anything is decided.
  ///
  /// - Parameter usage: nil without a limit.
  package mutating func trimIsDue(_ usage: MemoryUsage?, now: Instant) -> Bool {
    let next = next(usage?.share ?? 0)
    guard max(state, next) > .ample else { return false }
    let interval = next == .releasing ? Self.closingInterval : Self.trimInterval
    guard Self.has(interval, passedSince: trimmedAt, now) else { return false }
    trimmedAt = now
    return true
  }

  /// What the driver does.
  package struct Action: Equatable, Sendable {
    /// The state that has begun; nil if it is the same as before.
    package var change: State?
    /// The part of the clients that lag to close now, the slowest first.
    package var closedShare = 0.0
  }

  /// The driver has looked at its memory.
  ///
  /// - Parameter usage: nil without a limit.
  package mutating func observed(_ usage: MemoryUsage?, now: Instant) -> Action {
    var action = Action()
    share = usage?.share ?? 0
    let next = next(share)
    if next > state || next < state && Self.has(Self.dwell, passedSince: changedAt, now) {
      state = next
      changedAt = now
      action.change = next
    }
    if state == .releasing, share >= Self.release.ends,
      Self.has(Self.closingInterval, passedSince: closedAt, now)
    {
      closedAt = now
      // In proportion to what is missing; the next round may close more.
      action.closedShare = min(1, (share - Self.release.ends) / (Self.last - Self.release.ends))
    }
    return action
  }

  private func next(_ share: Double) -> State {
    if share >= Self.release.begins { return .releasing }
    if state == .releasing, share >= Self.release.ends { return .releasing }
    if share >= Self.refusal.begins { return .refusing }
    return state != .ample && share >= Self.refusal.ends ? .refusing : .ample
  }

  private static func has(_ interval: Duration, passedSince time: Instant?, _ now: Instant) -> Bool {
    time.map { $0.advanced(by: interval) <= now } ?? true
  }
}
