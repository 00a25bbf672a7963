import EdgeCore
import HTTP
import HTTP2
import Primitives
import Reactor
import Service

// The life of a connection in the worker: it is accepted, read from, and closed.
extension Worker {
  func accepted(
    _ descriptor: consuming FileDescriptor, from address: SocketAddress?, _ listenerOptions: ListenerOptions
  ) {
    totals.accepted += 1
    guard
      listenerOptions.entrance.hasRoom(
        beyond: configuration.register.connectionCount, connectionsMaximum: configuration.connectionsMaximum,
        workers: configuration.settings.workers),
      // Even a rejection takes memory: a TLS handshake some 45 KiB.
      health.memory?.isNearlyUsedUp != true || listenerOptions.entrance == .status
    else {
      totals.refused += 1
      return
    }
    configuration.register.connectionOpened()
    Socket.disableNagle(descriptor.number)
    Socket.detectDeadPeer(descriptor.number, after: configuration.delivery.lagMaximum)
    let id = connections.insert(ClientConnection(descriptor, from: address, listenerOptions))
    do throws(SystemError) {
      // Registered once for all events, so that a client never costs another epoll_ctl.
      connections[id.slot].registration = try loop.register(
        connections[id.slot].descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered],
        handler: self, token: Int(id.slot))
    } catch {
      return close(id, .reset)
    }
    guard listenerOptions.requiresProxyHeader else { return begin(id) }
    // A peer that is not trusted could claim any address.
    let peer = connections[id.slot].http.address
    guard peer.map(configuration.settings.trustedProxies.contains) ?? configuration.settings.trustsUnixProxy
    else {
      totals.proxyHeadersRefused += 1
      return close(id, .badRequest)
    }
    connections[id.slot].proxyHeader = ProxyHeaderParser()
    setDeadline(id, after: configuration.settings.headTimeout)
  }

  /// The client's own bytes follow: begins the handshake, or waits for a request.
  private func begin(_ id: ConnectionID) {
    guard connections[id.slot].isEstablished else {
      return setDeadline(id, after: configuration.settings.handshakeTimeout)
    }
    if configuration.settings.http2Enabled, connections[id.slot].http.entrance == .plain {
      connections[id.slot].preface = ConnectionPreface()
    }
    setDeadline(id, after: configuration.settings.headTimeout)
  }

  func close(_ id: ConnectionID, _ reason: CloseReason) {
    guard let connection = connections[id] else { return }
    if let registration = connection.registration {
      loop.deregister(registration, of: connection.descriptor)
    }
    if let client = connection.http.subscriber, let departure = subscribers.ended(client) {
      _ = leave(departure)
    }
    if let http2 = connection.http2 { ended(http2, reason) }
    handshakes.ended(id)
    // A stream of HTTP/2 counts like a connection of HTTP/1, and its connection does not.
    if connection.http2 == nil { totals.closed[reason, default: 0] += 1 }
    connections.remove(id)
    configuration.register.connectionClosed()
    connection.channel.sayEnd()
    // Else the kernel keeps what the client has not taken, and goes on offering it.
    if reason == .memoryShort { Socket.resetOnClose(connection.descriptor) }
    _ = FileDescriptor(owning: connection.descriptor)
  }

  // MARK: Readiness

  func descriptorReady(_ readiness: Readiness, token: Int) {
    let slot = Int32(token)
    guard slot != Self.probeSlot else {
      probeDelivery?.becameWritable(slot, .probe, Self.probeFraming)
      return
    }
    guard let id = connections.id(at: slot) else { return }
    if readiness.contains(.failed) { return close(id, .reset) }
    if connections[slot].proxyHeader != nil {
      guard readProxyHeader(id) else { return }
      begin(id)
    }
    guard connections.contains(id) else { return }
    guard connections[slot].isEstablished else { return awaitHandshake(id) }
    if let http2 = connections[slot].http2 { return ready(http2, readiness) }
    if readiness.contains(.writable) { becameWritable(id) }
    guard connections.contains(id) else { return }
    if readiness.contains(.readable) { read(id) }
    guard connections.contains(id), connections[slot].http2 == nil, readiness.contains(.peerClosed) else {
      return
    }
    perform(connections[slot].http.peerClosedItsSide(), for: id)
  }

  private func becameWritable(_ id: ConnectionID) {
    if connections[id.slot].http.isWriting { return writeOn(id) }
    guard let client = connections[id.slot].http.subscriber, let subscriber = subscribers[client] else {
      return
    }
    delivery(of: subscriber).becameWritable(client.slot, subscriber.stream, subscriber.framing)
  }

  // MARK: Reading

  /// Reads until nothing is left, because the loop reports readiness only once (edge-triggered).
  func read(_ id: ConnectionID) {
    while connections.contains(id), connections[id.slot].http.isReading {
      if let http2 = connections[id.slot].http2 { return read(http2) }
      switch connections[id.slot].channel.receive(into: &readBuffer) {
      case .moved(let count):
        if connections[id.slot].preface == nil { take(count, for: id) } else { detectProtocol(count, of: id) }
      case .wouldBlock: return
      case .ended: return perform(connections[id.slot].http.peerClosedItsSide(), for: id)
      case .failed: return close(id, .reset)
      }
    }
  }

  func take(_ count: Int, from start: Int = 0, for id: ConnectionID) {
    var index = start
    while index < count, connections.contains(id), connections[id.slot].http.isReading {
      let action = connections[id.slot].http.bytesReceived(
        readBuffer.span.extracting(0..<count), from: &index, options: manner(of: id).session)
      perform(action, for: ExchangeID(id))
    }
    // Another request arrived after one whose answer is still being written. It is read again afterwards.
    guard index < count, connections.contains(id) else { return }
    connections[id.slot].http.keep(readBuffer[index..<count])
  }

  private func takeUnread(_ id: ConnectionID) {
    let bytes = connections[id.slot].http.takeUnread()
    var index = 0
    while index < bytes.count, connections.contains(id), connections[id.slot].http.isReading {
      let action = connections[id.slot].http.bytesReceived(
        bytes.span, from: &index, options: manner(of: id).session)
      perform(action, for: ExchangeID(id))
    }
    guard connections.contains(id) else { return }
    if index < bytes.count { connections[id.slot].http.putBack(bytes[index...]) }
    if connections[id.slot].http.isReading { read(id) }
  }

  /// Reads from the loop and not from within a write: a client that sends a thousand requests at once must not deepen
  /// the stack, and the buffer that is being read must not be overwritten.
  func readSoon(_ id: ConnectionID) {
    loop.schedule(at: loop.now) { [weak self] in
      guard let self, connections.contains(id) else { return }
      takeUnread(id)
    }
  }

  // MARK: Deadlines

  /// Sets the connection's deadline, and makes the earlier one void.
  func setDeadline(_ id: ConnectionID, after limit: Duration) {
    guard connections.contains(id) else { return }
    deadlines.append(id, connections[id.slot].http.deadlineSet(), at: loop.now.advanced(by: limit))
  }

  /// Handles the deadlines that have passed.
  func expireDeadlines(at now: Instant) {
    for deadline in deadlines.takeDue(now: now, where: isCurrent) where isCurrent(deadline) {
      let id = deadline.connection
      let isEstablished = connections[id.slot].isEstablished
      perform(
        connections[id.slot].http.deadlineHit(
          isEstablished: isEstablished, options: manner(of: id).session), for: id)
    }
  }

  private func isCurrent(_ deadline: DeadlineQueue.Entry) -> Bool {
    connections.contains(deadline.connection)
      && connections[deadline.connection.slot].http.isCurrent(deadline.number)
  }
}
