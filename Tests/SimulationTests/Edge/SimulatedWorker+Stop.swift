import EdgeCore
import Primitives

// How a worker finishes: it does what `Worker+Drain` does.
extension SimulatedWorker {
  func finish(over window: Duration) {
    for connection in http2Connections { connection.goAway() }
    let isFirst = subscribers.finish(over: window, now: world.now, using: &world.random)
    releaseDue()
    if isFirst { settle() }
  }

  private func settle() {
    guard isAlive, !subscribers.isFinished else { return }
    if subscribers.settles(isOwed: isOwedBytes, now: world.now) {
      for socket in sockets where socket.isIdle { close(socket.id, .shutdown) }
    }
    if subscribers.isOver(connections: connections.count, now: world.now) { return closeAll() }
    world.scheduler.after(.milliseconds(25)) { [weak self] in self?.settle() }
  }

  private var isOwedBytes: Bool { sockets.contains { $0.isWriting } }

  private var sockets: [SimulatedSocket] { connections.ids.compactMap { connections[$0] ?? nil } }

  private func closeAll() {
    for id in connections.ids { close(id, .shutdown) }
    if subscribers.finished() { edge.mailbox.post(.workerFinished) }
  }
}
