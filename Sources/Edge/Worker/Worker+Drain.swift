import EdgeCore
import Logging
import Primitives
import Reactor

// How a worker stops taking clients, lets its own go, and says that it is done.
extension Worker {
  /// For so long, once everybody has had the last bytes, those who have just come, or have not closed, are waited for.
  private static let settleLimit = Duration.seconds(2)
  private static let settleInterval = Duration.milliseconds(25)

  /// Takes no new clients but those who are connecting already, and lets all go over the window.
  func drain(over window: Duration) {
    if !isDraining { totals.releasedOfLate = 0 }
    isDraining = true
    for listener in listeners { listener.pause() }
    release(.max, over: window, because: .drained)
  }

  /// The same, and then ends: a socket that was passed is left to the successor at once.
  func finish(over window: Duration) {
    for listener in listeners { listener.close(takingWaiting: true) }
    drain(over: window)
    guard !isFinishing else { return }
    isFinishing = true
    settle()
  }

  /// Takes clients again; those that are still here stay.
  func resume() {
    guard isDraining, !isFinishing else { return }
    isDraining = false
    ongoingRelease = nil
    releaseTimer?.set(nil)
    for listener in listeners {
      do throws(SystemError) { try listener.resume() } catch {
        logger.error(
          "clients can not be accepted any more",
          metadata: ["address": "\(listener.address)", "reason": "\(error)"])
      }
    }
  }

  /// Closes everything at once.
  func shutDown() {
    isDraining = true
    isFinishing = true
    ongoingRelease = nil
    releaseTimer?.set(nil)
    for listener in listeners { listener.close() }
    closeAll()
  }

  private func settle() {
    guard !hasFinished else { return }
    if streamCount > 0 || table.isWriting || listeners.contains(where: \.isPausing) {
      settledSince = nil
    } else {
      let since = settledSince ?? loop.now
      settledSince = since
      for client in table.ids where table[client.slot].session.isIdle { close(client.slot, .shutdown) }
      if table.count == 0 || since.advanced(by: Self.settleLimit) <= loop.now { return closeAll() }
    }
    loop.schedule(at: loop.now.advanced(by: Self.settleInterval)) { [weak self] in self?.settle() }
  }

  private func closeAll() {
    for client in table.ids { close(client.slot, .shutdown) }
    guard !hasFinished else { return }
    hasFinished = true
    for listener in statusListeners { listener.close() }
    mailboxes.link.post(.workerFinished)
  }
}

extension ClientTable {
  /// Whether somebody has not taken all of a response.
  fileprivate var isWriting: Bool { ids.contains { !self[$0.slot].outbound.isEmpty } }
}
