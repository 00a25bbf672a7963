import EdgeCore
import Primitives

// Drains and stops: it does what `LifecycleDriver` does.
extension SimulatedEdge {
  var isDraining: Bool { lifecycle.isDraining }

  func drain(over window: Duration) {
    world.note(name, "drains over \(window)")
    perform(lifecycle.drainRequested(window: window, announce: .zero, now: world.now))
  }

  /// Checks the end of a drain's window. A stop that began meanwhile has a window of its own.
  func checkDrained() {
    guard isListening else { return }
    let left = workers.reduce(0) { $0 + $1.delivery.clientCount }
    if isDraining, left > 0 {
      world.violated("drain", "\(name) has drained, and \(left) clients have a stream")
    }
  }

  func resume() {
    guard isDraining, let action = lifecycle.undrainRequested() else { return }
    world.note(name, "takes clients again")
    perform(action)
  }

  /// Releases all clients over a window and stops.
  ///
  /// - Parameter ended: called at the end of the process.
  func stop(over window: Duration, ended: @escaping () -> Void) {
    world.note(name, "stops over \(window)")
    processEnded = ended
    perform(lifecycle.stopRequested(window: window, announce: .zero, now: world.now))
  }

  func workerFinished() { perform(lifecycle.workerFinished()) }

  func lifecycleTimerFired() {
    guard isAlive else { return }
    perform(lifecycle.timerTriggered(now: world.now))
  }

  private func perform(_ action: EdgeLifecycle.Action) {
    lifecycleAlarm.set(lifecycle.deadline)
    switch action {
    case .none, .announce: break
    case .drain(let window): for worker in workers { worker.mailbox.post(.drain(window: window)) }
    case .finish(let window):
      isListening = false
      for worker in workers { worker.mailbox.post(.finish(window: window)) }
    case .resume: for worker in workers { worker.mailbox.post(.resume) }
    case .end: processEnded?()
    }
  }
}
