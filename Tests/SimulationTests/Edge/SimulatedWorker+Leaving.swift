import EdgeCore
import HTTP
import Primitives

// How clients leave, by themselves or because they are released.
extension SimulatedWorker {
  func close(_ id: ConnectionID, _ reason: CloseReason) {
    guard let socket = connections.remove(id) ?? nil else { return }
    handshakes.ended(id)
    handshakeAudit.ended(id)
    if reason == .handshakeFailed { edge.audit.handshakeFailed(over: socket.end.number, at: edge.name) }
    if let client = socket.http.subscriber, let departure = subscribers.ended(client) { _ = leave(departure) }
    if let connection = socket.http2 {
      for stream in sorted(connection.streams) { streamEnded(stream) }
      connection.closed()
    }
    if reason == .lagged { world.happened(.lagged) }
    if reason != .peerClosed { world.note(edge.name, "closes connection \(socket.end.number): \(reason)") }
    socket.end.close()
  }

  func leave(_ departure: Departure) -> [UInt8] {
    let kind = departure.subscriber.stream
    let rest = delivery.release(departure.client.slot, departure.subscriber)
    if let withdrawn = departure.withdrawn { edge.mailbox.post(.withdrawn(withdrawn)) }
    edge.leavePlace(departure.subscriber.address)
    if kind.concernsLink { edge.mailbox.post(.left(kind)) }
    return rest
  }

  func sendLastBytes(_ departure: Departure, _ reason: CloseReason) {
    guard let socket = socket(of: departure.subscriber) else { return }
    let exchange = departure.subscriber.exchange
    edge.sendLastBytes(socket.number(of: exchange), reason)
    let bytes = departure.lastBytes(after: leave(departure))
    if let connection = socket.http2 { return end(exchange.stream, of: connection, after: bytes, reason) }
    socket.http.endStream(reason)
    write(bytes, to: socket)
  }

  func releaseDue() {
    guard isAlive else { return }
    while let (departure, reason) = subscribers.nextReleased(now: world.now, using: &world.random) {
      sendLastBytes(departure, reason)
    }
    releaseAlarm.set(subscribers.releaseDeadline)
  }

  func close(_ closing: Closing) {
    for client in subscribers.matching(closing.match) {
      guard let departure = subscribers.release(client, using: &world.random) else { continue }
      if let socket = socket(of: departure.subscriber) {
        edge.closed(socket.number(of: departure.subscriber.exchange), for: closing)
      }
      sendLastBytes(departure, .cleanedUp)
    }
    if closing.isComplete() { closing.origin.mailbox.post(.closed(closing)) }
  }

  func answer(_ closing: Closing) {
    guard let socket = connections[closing.connection] ?? nil else { return }
    write(Response.cleanedUp(closing.count).bytes(in: closing.form, date: nil), to: socket)
  }

  func sweep() {
    guard isAlive else { return }
    expireDeadlines()
    handshakeAudit.check()
    for (slot, reason) in delivery.sweep(every: Self.sweepInterval) { giveUp(slot, reason) }
    timePassed()
    world.scheduler.after(Self.sweepInterval) { [weak self] in self?.sweep() }
  }
}
