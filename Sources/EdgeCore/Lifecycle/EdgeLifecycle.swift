public import Primitives

/// Whether the edge takes clients, releases them, or ends.
///
/// ```
///           drain               time                drain (another window)
///  serving ───────► announced ────────► draining ───────┐
///     ▲                 │                │    ▲─────────┘
///     └──── undrain ────┴────────────────┤
///     │                 │ stop           │ stop
///     └── stop ──► announced stop ──────►┴──► stopping ── all workers are done, or time is up ──► stopped
/// ```
/// While a drain or a stop is announced, the edge takes clients as ever and releases none, but is not ready: a balancer has
/// time to see that. Told to stop a second time it is stopped, wherever it is. A drained edge is one that drains and has no
/// clients left: nothing changes but that.
public struct EdgeLifecycle: Equatable, Sendable {
  enum State: Equatable, Sendable {
    case serving
    case announced(Announcement)
    case draining
    case stopping(workersBusy: Int, deadline: Instant)
    case stopped
  }

  /// What follows an announcement, and when.
  struct Announcement: Equatable, Sendable {
    var window: Duration
    var isStop: Bool
    var end: Instant
  }

  /// How long an announcement may be.
  public static let allowedAnnouncement = Duration.zero ... .seconds(600)

  private let workerCount: Int
  private(set) var state = State.serving

  /// An edge that takes clients.
  public init(workerCount: Int) { self.workerCount = workerCount }

  /// Whether the edge is not ready: it turns new clients away, or will before long.
  public var isDraining: Bool { state != .serving }

  /// Whether it still takes new clients while it is not ready.
  public var isAnnounced: Bool {
    if case .announced = state { true } else { false }
  }

  /// When ``timerTriggered(now:)`` is to be called; nil if nothing is awaited.
  public var deadline: Instant? {
    switch state {
    case .announced(let announcement): announcement.end
    case .stopping(_, let deadline): deadline
    case .serving, .draining, .stopped: nil
    }
  }

  /// What the workers are to be told.
  public enum Action: Equatable, Sendable {
    /// Nothing.
    case none
    /// Nothing yet: the edge says that it is not ready for so long, and serves as before.
    case announce(Duration)
    /// Release all clients over a window, and take no new ones.
    case drain(window: Duration)
    /// The same, and then say that they are done.
    case finish(window: Duration)
    /// Take clients again.
    case resume
    /// End the process.
    case end
  }

  /// The hub wants the edge drained. Again for another window: those that are left are released over it, from now on. An
  /// announcement that has begun is never prolonged, but it can be cut short.
  public mutating func drainRequested(window: Duration, announce: Duration, now: Instant) -> Action {
    switch state {
    case .serving:
      return begin(.init(window: window, isStop: false, end: now.advanced(by: announce)), now: now)
    case .announced(let current):
      if current.isStop { return .none }
      let end = min(current.end, now.advanced(by: announce))
      return begin(.init(window: window, isStop: false, end: end), now: now)
    case .draining: return .drain(window: window)
    case .stopping, .stopped: return .none
    }
  }

  /// The hub wants the edge to serve again.
  ///
  /// - Returns: nil if the process was told to stop: that cannot be undone.
  public mutating func undrainRequested() -> Action? {
    switch state {
    case .serving: return Action.none
    case .announced(let announcement) where announcement.isStop: return nil
    case .announced, .draining:
      state = .serving
      return .resume
    case .stopping, .stopped: return nil
    }
  }

  /// The process was told to stop: the first time it lets its clients go, the second time it ends. What was announced for a
  /// drain counts for the stop, too; where the edge drains already there is nothing left to announce.
  public mutating func stopRequested(window: Duration, announce: Duration, now: Instant) -> Action {
    switch state {
    case .serving:
      return begin(.init(window: window, isStop: true, end: now.advanced(by: announce)), now: now)
    case .announced(let current) where !current.isStop:
      let end = min(current.end, now.advanced(by: announce))
      return begin(.init(window: window, isStop: true, end: end), now: now)
    case .draining: return begin(.init(window: window, isStop: true, end: now), now: now)
    case .announced, .stopping:
      state = .stopped
      return .end
    case .stopped: return .none
    }
  }

  /// Announces it, unless its time has come.
  private mutating func begin(_ announcement: Announcement, now: Instant) -> Action {
    guard announcement.end <= now else {
      state = .announced(announcement)
      return .announce(now.duration(to: announcement.end))
    }
    guard announcement.isStop else {
      state = .draining
      return .drain(window: announcement.window)
    }
    state = .stopping(
      workersBusy: workerCount,
      deadline: announcement.end.advanced(by: announcement.window + ReleasePace.grace))
    return .finish(window: announcement.window)
  }

  /// A worker has no clients left, and takes none.
  public mutating func workerFinished() -> Action {
    guard case .stopping(let busy, let deadline) = state else { return .none }
    state = busy == 1 ? .stopped : .stopping(workersBusy: busy - 1, deadline: deadline)
    return busy == 1 ? .end : .none
  }

  /// The deadline has been reached: an announced drain begins, or the clients that are left are cut off.
  public mutating func timerTriggered(now: Instant) -> Action {
    guard let deadline, deadline <= now else { return .none }
    if case .announced(let announcement) = state { return begin(announcement, now: now) }
    state = .stopped
    return .end
  }
}
