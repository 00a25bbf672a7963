import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Wire

// How the edge drains, serves again, or stops; and how its settings change.
extension LinkDriver {
  /// Performs what the lifecycle decided.
  func perform(_ action: EdgeLifecycle.Action) {
    lifecycleTimer?.set(lifecycle.deadline)
    switch action {
    case .none: return
    case .announce(let time):
      logger.notice(
        "a drain or a stop is announced: not ready, and still taking clients",
        metadata: ["announce_ms": "\(time.wholeMilliseconds)"])
      mailboxes.broadcast(.announced)
    case .drain(let window):
      logger.notice("draining", metadata: ["window_ms": "\(window.wholeMilliseconds)"])
      mailboxes.broadcast(.drain(window: window))
    case .finish(let window):
      logger.notice("stopping: clients are let go", metadata: ["window_ms": "\(window.wholeMilliseconds)"])
      mailboxes.broadcast(.finish(window: window))
    case .resume:
      logger.notice("taking clients again")
      mailboxes.broadcast(.resume)
    case .end: return end()
    }
    // Tells the workers and the hubs at once, and not with the next sweep or report.
    tellHealth()
    mailboxes.collect(for: .link)
  }

  /// Begins a drain that was announced, or cuts off the clients that are left.
  func drainTimeIsUp() {
    perform(lifecycle.timerTriggered(now: loop.now))
  }

  private func end() {
    mailboxes.broadcast(.shutDown)
    for hub in hubs {
      hub.send(.goAway(GoAway(reason: .shutdown)))
      hub.finish()
    }
    // The goAway is sent at the end of this turn. Meanwhile workers that have not finished close their connections.
    loop.schedule(at: loop.now.advanced(by: .milliseconds(50))) { [loop] in loop.stop() }
  }

  /// Reads configuration and certificates again. If anything is wrong, nothing changes.
  ///
  /// - Returns: what changed, or why nothing did.
  func reload(for whom: String) -> Result<String, ConfigurationError> {
    do throws(ConfigurationError) {
      let changes = try terms.reload { [secure] () throws(ConfigurationError) in
        try secure?.renew()
        try configuration.credentials.renew()
      }
      LogThreshold.shared.level = terms.settings.logLevel
      mailboxes.broadcast(.configure(terms.worker))
      logger.notice("reloaded: \(changes)", metadata: ["for": "\(whom)"])
      return .success(changes)
    } catch {
      logger.error(
        "nothing is reloaded, and the old configuration stays",
        metadata: ["reason": "\(error)", "for": "\(whom)"])
      return .failure(error)
    }
  }
}
