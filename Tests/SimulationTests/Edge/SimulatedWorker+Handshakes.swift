import EdgeCore
import Primitives

// TLS handshakes and deadlines: it does what `Worker+Handshakes` and `Worker+Connections` do.
extension SimulatedWorker {
  static let handshakeTimeout = Duration.seconds(8)
  private static let headTimeout = Duration.seconds(5)
  /// The time of the steps in a turn.
  private static let turnTime = Duration.milliseconds(2)

  func begin(_ socket: SimulatedSocket) {
    guard socket.tls != nil else { return setDeadline(socket, after: Self.headTimeout) }
    handshakeAudit.accepted(socket.id)
    setDeadline(socket, after: Self.handshakeTimeout)
  }

  func received(_ bytes: [UInt8], from socket: SimulatedSocket) {
    guard !socket.isEstablished else { return read(bytes, from: socket) }
    socket.tls?.received(bytes)
    awaitHandshake(socket)
  }

  func peerClosed(_ socket: SimulatedSocket, _ reason: String) {
    guard !socket.isEstablished else { return close(socket.id, .peerClosed) }
    guard reason == End<[UInt8]>.peerClosed else { return close(socket.id, .reset) }
    socket.tls?.peerClosedItsSide()
    awaitHandshake(socket)
  }

  func awaitHandshake(_ socket: SimulatedSocket) {
    if handshakes.becameReady(socket.id) { _ = socket.http.deadlineSet() }
    handshakeAudit.becameReady(socket.id)
    handshakeAlarm.set(world.now)
  }

  func advanceHandshakes() {
    guard isAlive else { return }
    handshakes.beginTurn()
    handshakeAudit.beginTurn()
    while let (id, isFirst) = handshakes.next(now: world.now) {
      handshakeAudit.stepTaken(by: id)
      guard let socket = connections[id] ?? nil else { continue }
      if isFirst { setDeadline(socket, after: Self.handshakeTimeout) }
      guard let step = socket.tls?.handshake(over: socket.end) else {
        continue
      }
      switch handshakes.stepTaken(by: id, step) {
      case .wait: break
      case .establish: established(socket)
      case .close(let reason): close(id, reason)
      }
    }
    handshakeAudit.endTurn()
    handshakeAlarm.set(
      handshakes.deadline(now: world.now).map { max($0, world.now.advanced(by: Self.turnTime)) })
  }

  private func established(_ socket: SimulatedSocket) {
    world.happened(.handshake)
    handshakeAudit.ended(socket.id)
    setDeadline(socket, after: Self.headTimeout)
    if let bytes = socket.tls?.takeUnread(), !bytes.isEmpty { read(bytes, from: socket) }
  }

  // MARK: Deadlines

  private func setDeadline(_ socket: SimulatedSocket, after limit: Duration) {
    deadlines.append(socket.id, socket.http.deadlineSet(), at: world.now.advanced(by: limit))
  }

  func expireDeadlines() {
    for deadline in deadlines.takeDue(now: world.now, where: isCurrent) where isCurrent(deadline) {
      guard let socket = connections[deadline.connection] ?? nil else { continue }
      if !socket.isEstablished { world.happened(.handshakeTimeout) }
      switch socket.http.deadlineHit(isEstablished: socket.isEstablished, options: Self.session) {
      case .wait: break
      case .send: world.violated("model", "a request did not arrive as a whole")
      case .close(let reason): close(socket.id, reason)
      }
    }
  }

  private func isCurrent(_ deadline: DeadlineQueue.Entry) -> Bool {
    guard let socket = connections[deadline.connection] ?? nil else { return false }
    return socket.http.isCurrent(deadline.number)
  }
}
