import Primitives

/// A timer that follows the changing deadline of a pure state machine.
package final class Deadline {
  private let loop: EventLoop
  private let action: () -> Void
  private var timer: TimerID?
  private var instant: Instant?

  /// - Parameter action: called at each deadline that was set.
  package init(on loop: EventLoop, action: @escaping () -> Void) {
    self.loop = loop
    self.action = action
  }

  /// Moves the deadline; nil means none.
  package func set(_ instant: Instant?) {
    if instant == self.instant { return }
    if let timer { loop.cancel(timer) }
    self.instant = instant
    timer = instant.map { deadline in
      loop.schedule(at: deadline) { [weak self] in
        guard let self else { return }
        self.timer = nil
        self.instant = nil
        self.action()
      }
    }
  }
}
