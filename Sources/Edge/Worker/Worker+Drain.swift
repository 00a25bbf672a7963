import EdgeCore
import Logging
import Primitives
import Reactor

// How a worker stops accepting clients, releases its own, and reports that it has finished.
extension Worker {
  private static let settleInterval = Duration.milliseconds(25)

  /// Stops accepting clients, except for connections that are in progress, and releases all clients over the window.
  func drain(over window: Duration) {
    for listener in listeners { listener.pause() }
    for connection in http2.connections { connection.goAway() }
    subscribers.drain(over: window, now: loop.now, using: &random)
    releaseDue()
  }

  /// Drains likewise, and then finishes. A passed socket is left to the successor at once.
  func finish(over window: Duration) {
    for listener in listeners { listener.close(takingWaiting: true) }
    for listener in listeners { listener.pause() }
    for connection in http2.connections { connection.goAway() }
    let isFirst = subscribers.finish(over: window, now: loop.now, using: &random)
    releaseDue()
    if isFirst { settle() }
  }

  /// Accepts clients again; those that are still connected stay.
  func resume() {
    guard subscribers.resume() else { return }
    releaseTimer?.set(nil)
    for listener in listeners {
      do throws(SystemError) { try listener.resume() } catch {
        logger.error(
          "clients cannot be accepted any more",
          metadata: ["address": "\(listener.address)", "reason": "\(error)"])
      }
    }
  }

  /// Closes everything at once.
  func shutDown() {
    subscribers.shutDown()
    releaseTimer?.set(nil)
    for listener in listeners { listener.close() }
    closeAll()
  }

  private func settle() {
    guard !subscribers.isFinished else { return }
    if subscribers.settles(isOwed: isOwedBytes || listeners.contains(where: \.isPausing), now: loop.now) {
      for id in connections.ids where connections[id.slot].isIdle { close(id, .shutdown) }
    }
    if subscribers.isOver(connections: connections.count, now: loop.now) { return closeAll() }
    loop.schedule(at: loop.now.advanced(by: Self.settleInterval)) { [weak self] in self?.settle() }
  }

  private var isOwedBytes: Bool { connections.ids.contains { connections[$0.slot].isWriting } }

  private func closeAll() {
    for id in connections.ids { close(id, .shutdown) }
    guard subscribers.finished() else { return }
    for listener in statusListeners { listener.close() }
    mailboxes.link.post(.workerFinished)
  }
}
