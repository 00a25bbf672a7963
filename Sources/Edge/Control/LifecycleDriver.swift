import EdgeCore
import Logging
import Primitives
import Reactor

/// The edge's controller, as the ``LifecycleDriver`` sees it.
protocol LifecycleDriverDelegate: AnyObject {
  /// The edge has announced a drain or a stop, begins it, or serves again.
  func lifecycleChanged()
  /// All clients are gone, or their time is up: the process must end.
  func lifecycleEnded()
}

/// Drains the edge, makes it serve again, or stops it: performs what the ``EdgeCore/EdgeLifecycle`` decides.
final class LifecycleDriver {
  private let mailboxes: Mailboxes
  private let loop: EventLoop
  private let logger: Logger
  private var lifecycle: EdgeLifecycle
  private var timer: Deadline?
  /// The edge's controller.
  weak var delegate: (any LifecycleDriverDelegate)?

  init(mailboxes: Mailboxes, loop: EventLoop, logger: Logger) {
    self.mailboxes = mailboxes
    self.loop = loop
    self.logger = logger
    lifecycle = EdgeLifecycle(workerCount: mailboxes.workers.count)
    timer = Deadline(on: loop) { [weak self] in self?.timerFired() }
  }

  /// Whether the edge rejects new clients, or will do so soon.
  var isDraining: Bool { lifecycle.isDraining }

  /// Whether a drain or a stop is only announced, so that clients are still accepted.
  var isAnnounced: Bool { lifecycle.isAnnounced }

  /// A hub requests a drain.
  func drain(window: Duration, announce: Duration) {
    perform(lifecycle.drainRequested(window: window, announce: announce, now: loop.now))
  }

  /// A hub requests that the edge serve again.
  ///
  /// - Returns: false if the process was told to stop, which cannot be undone.
  func undrain() -> Bool {
    guard let action = lifecycle.undrainRequested() else { return false }
    perform(action)
    return true
  }

  /// The process was told to stop. The second request ends it at once.
  func stop(window: Duration, announce: Duration) {
    perform(lifecycle.stopRequested(window: window, announce: announce, now: loop.now))
  }

  /// A worker has no clients left, and accepts none.
  func workerFinished() {
    perform(lifecycle.workerFinished())
  }

  /// Begins a drain that was announced, or cuts off the clients that are left.
  private func timerFired() {
    perform(lifecycle.timerTriggered(now: loop.now))
  }

  private func perform(_ action: EdgeLifecycle.Action) {
    timer?.set(lifecycle.deadline)
    switch action {
    case .none: return
    case .announce(let time):
      logger.notice(
        "a drain or a stop is announced: not ready, but still accepting clients",
        metadata: ["announce_ms": "\(time.wholeMilliseconds)"])
      mailboxes.broadcast(.announced)
    case .drain(let window):
      logger.notice("draining", metadata: ["window_ms": "\(window.wholeMilliseconds)"])
      mailboxes.broadcast(.drain(window: window))
    case .finish(let window):
      logger.notice("stopping: releasing clients", metadata: ["window_ms": "\(window.wholeMilliseconds)"])
      mailboxes.broadcast(.finish(window: window))
    case .resume:
      logger.notice("accepting clients again")
      mailboxes.broadcast(.resume)
    case .end:
      delegate?.lifecycleEnded()
      return
    }
    delegate?.lifecycleChanged()
  }
}
