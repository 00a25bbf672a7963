public import Primitives

/// Whether the edge takes clients, releases them, or ends.
///
/// ```
///            drain                      drain (another window)
///  serving ────────► draining ───────────┐
///     ▲                │    ▲────────────┘
///     └──── undrain ───┤
///     │                │ stop
///     └──── stop ──────┴────► stopping ── all workers are done, or time is up, or stop again ──► stopped
/// ```
/// A drained edge is one that drains and has no clients left: nothing changes but that.
public struct EdgeLifecycle: Equatable, Sendable {
  enum State: Equatable, Sendable {
    case serving
    case draining
    case stopping(workersBusy: Int, deadline: Instant)
    case stopped
  }

  private let workerCount: Int
  private(set) var state = State.serving

  /// An edge that takes clients.
  public init(workerCount: Int) { self.workerCount = workerCount }

  /// Whether new clients are turned away.
  public var isDraining: Bool { state != .serving }

  /// When ``timerTriggered(now:)`` is to be called; nil if nothing is awaited.
  public var deadline: Instant? {
    if case .stopping(_, let deadline) = state { deadline } else { nil }
  }

  /// What the workers are to be told.
  public enum Action: Equatable, Sendable {
    /// Nothing.
    case none
    /// Release all clients over a window, and take no new ones.
    case drain(window: Duration)
    /// The same, and then say that they are done.
    case finish(window: Duration)
    /// Take clients again.
    case resume
    /// End the process.
    case end
  }

  /// The hub wants the edge drained. Again for another window: those that are left are released over it, from now on.
  public mutating func drainRequested(window: Duration) -> Action {
    switch state {
    case .serving, .draining:
      state = .draining
      return .drain(window: window)
    case .stopping, .stopped: return .none
    }
  }

  /// The hub wants the edge to serve again.
  ///
  /// - Returns: nil if the process was told to stop: that can not be undone.
  public mutating func undrainRequested() -> Action? {
    switch state {
    case .serving: return Action.none
    case .draining:
      state = .serving
      return .resume
    case .stopping, .stopped: return nil
    }
  }

  /// The process was told to stop: the first time it lets its clients go, the second time it ends.
  public mutating func stopRequested(window: Duration, now: Instant) -> Action {
    switch state {
    case .serving, .draining:
      state = .stopping(
        workersBusy: workerCount, deadline: now.advanced(by: window + ReleasePace.grace))
      return .finish(window: window)
    case .stopping:
      state = .stopped
      return .end
    case .stopped: return .none
    }
  }

  /// A worker has no clients left, and takes none.
  public mutating func workerFinished() -> Action {
    guard case .stopping(let busy, let deadline) = state else { return .none }
    state = busy == 1 ? .stopped : .stopping(workersBusy: busy - 1, deadline: deadline)
    return busy == 1 ? .end : .none
  }

  /// Time has passed: those who are still here are cut off.
  public mutating func timerTriggered(now: Instant) -> Action {
    guard let deadline, deadline <= now else { return .none }
    state = .stopped
    return .end
  }
}
