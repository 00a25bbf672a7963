import Primitives

/// Whether the edge accepts clients, releases them, or stops.
///
/// ```
///           drain               time                drain (another window)
///  serving ───────► announced ────────► draining ───────┐
///     ▲                 │                │    ▲─────────┘
///     └──── undrain ────┴────────────────┤
///     │                 │ stop           │ stop
///     └── stop ──► announced stop ──────►┴──► stopping ── all workers are done, or time is up ──► stopped
/// ```
/// While a drain or a stop is announced, the edge accepts clients as before and releases none, but is not ready: a
/// load balancer has time to notice. A second request to stop stops the edge at once, in any state. A drained edge is
/// a draining edge without clients; it has no state of its own.
package struct EdgeLifecycle: Equatable, Sendable {
  enum State: Equatable, Sendable {
    case serving
    case announced(Announcement)
    case draining
    case stopping(workersBusy: Int, deadline: Instant)
    case stopped
  }

  /// The drain or stop that follows an announcement, and when.
  struct Announcement: Equatable, Sendable {
    var window: Duration
    var isStop: Bool
    var end: Instant
  }

  /// The duration of an announcement.
  package static let allowedAnnouncement = Duration.zero ... .seconds(600)

  private let workerCount: Int
  private(set) var state = State.serving

  /// An edge that accepts clients.
  package init(workerCount: Int) { self.workerCount = workerCount }

  /// Whether the edge is not ready: it rejects new clients, or will do so soon.
  package var isDraining: Bool { state != .serving }

  /// Whether the edge is not ready but still accepts new clients.
  package var isAnnounced: Bool {
    if case .announced = state { true } else { false }
  }

  /// When to call ``timerTriggered(now:)``; nil if no deadline is set.
  package var deadline: Instant? {
    switch state {
    case .announced(let announcement): announcement.end
    case .stopping(_, let deadline): deadline
    case .serving, .draining, .stopped: nil
    }
  }

  /// The driver's message to the workers.
  package enum Action: Equatable, Sendable {
    /// Nothing.
    case none
    /// Nothing yet: for this duration the edge reports that it is not ready, and serves as before.
    case announce(Duration)
    /// Release all clients over a window, and accept no new ones.
    case drain(window: Duration)
    /// Release all clients likewise, then report ``workerFinished()``.
    case finish(window: Duration)
    /// Accept clients again.
    case resume
    /// End the process.
    case end
  }

  /// The hub requests a drain. A repeated request may change the window: the clients that are left are released over
  /// the new one, from now on. It never prolongs an announcement that has begun, but may shorten it.
  package mutating func drainRequested(window: Duration, announce: Duration, now: Instant) -> Action {
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

  /// The hub requests that the edge serve again.
  ///
  /// - Returns: nil if the process is stopping, which cannot be undone.
  package mutating func undrainRequested() -> Action? {
    switch state {
    case .serving: return Action.none
    case .announced(let announcement) where announcement.isStop: return nil
    case .announced, .draining:
      state = .serving
      return .resume
    case .stopping, .stopped: return nil
    }
  }

  /// The process was told to stop. The first request releases the clients, the second one ends the process. The time
  /// of an announced drain counts towards the stop's announcement. A draining edge announces nothing more.
  package mutating func stopRequested(window: Duration, announce: Duration, now: Instant) -> Action {
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

  /// Enters the announcement, or the state that follows it if its time is over.
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

  /// A worker has no clients left, and accepts none.
  package mutating func workerFinished() -> Action {
    guard case .stopping(let busy, let deadline) = state else { return .none }
    state = busy == 1 ? .stopped : .stopping(workersBusy: busy - 1, deadline: deadline)
    return busy == 1 ? .end : .none
  }

  /// The deadline has been reached: an announced drain begins, or the clients that are left are cut off.
  package mutating func timerTriggered(now: Instant) -> Action {
    guard let deadline, deadline <= now else { return .none }
    if case .announced(let announcement) = state { return begin(announcement, now: now) }
    state = .stopped
    return .end
  }
}
