import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS

/// When a client's time for its head, or for the end of its last response, is over.
struct HeadDeadline {
  let at: Instant
  let client: ClientID
  let number: UInt32
}

// A client's way through the worker: accepted, read from, answered, closed.
extension Worker {
  func accepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?, _ wrapping: Wrapping) {
    totals.accepted += 1
    // Not even a refusal can be said to so many: closing is all that is left.
    let reserve = Self.refusalReserve + (wrapping.isForStatus ? Self.statusReserve : 0)
    guard table.count < configuration.clientsMaximum + reserve else {
      totals.refused += 1
      return
    }
    Socket.disableNagle(descriptor.number)
    Socket.detectDeadPeer(descriptor.number, after: configuration.lagMaximum)
    let slot = table.insert(descriptor, from: address)
    do throws(SystemError) {
      // Registered once, for everything: a client costs no further epoll_ctl in all its life.
      table[slot].registration = try loop.register(
        table[slot].descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered], handler: self,
        token: Int(slot))
    } catch {
      totals.closed[.reset, default: 0] += 1
      return table.remove(slot)
    }
    table[slot].isForStatus = wrapping.isForStatus
    table[slot].context = wrapping.secure?.current
    if wrapping.requiresProxyHeader {
      // Whoever is not trusted could claim to be anybody.
      guard table[slot].address.map(configuration.trustedProxies.contains) ?? configuration.trustsUnixPeer
      else {
        totals.proxyHeadersRefused += 1
        return close(slot, .badRequest)
      }
      table[slot].proxyHeader = ProxyHeaderParser()
      setDeadline(slot, after: configuration.headLimit)
    } else {
      begin(slot)
    }
  }

  /// The client's own bytes follow: begins the handshake, or waits for a request.
  private func begin(_ slot: Int32) {
    guard let context = table[slot].context else { return setDeadline(slot, after: configuration.headLimit) }
    table[slot].context = nil
    beginHandshake(slot, context)
  }

  func close(_ slot: Int32, _ reason: CloseReason) {
    if let registration = table[slot].registration {
      loop.deregister(registration, of: table[slot].descriptor)
    }
    _ = leaveStream(slot)
    totals.closed[reason, default: 0] += 1
    table.remove(slot)
  }

  // MARK: Readiness

  func descriptorReady(_ readiness: Readiness, token: Int) {
    let slot = Int32(token)
    guard slot != Self.probeSlot else { return plain[Self.probeFraming].becameWritable(slot, .probe) }
    guard let client = table.id(at: slot) else { return }
    if readiness.contains(.failed) { return close(slot, .reset) }
    if table[slot].proxyHeader != nil {
      guard readProxyHeader(slot) else { return }
      begin(slot)
    }
    if let tls = table[slot].tls, !tls.isEstablished { return awaitHandshake(slot) }
    if readiness.contains(.writable) { becameWritable(slot) }
    guard table.contains(client) else { return }
    if readiness.contains(.readable) { read(slot) }
    guard table.contains(client), readiness.contains(.peerClosed) else { return }
    perform(table[slot].session.peerClosedItsSide(), for: slot)
  }

  private func becameWritable(_ slot: Int32) {
    if !table[slot].outbound.isEmpty { return writeOutbound(slot) }
    guard let kind = table[slot].stream else { return }
    let framing = table[slot].framing
    if table[slot].tls == nil {
      plain[framing].becameWritable(slot, kind)
    } else {
      secure[framing].becameWritable(slot, kind)
    }
  }

  // MARK: Reading

  /// Reads until nothing is left: the readiness is told only once.
  func read(_ slot: Int32) {
    guard let client = table.id(at: slot) else { return }
    while table.contains(client), table[slot].session.isReading {
      switch table.receive(slot, into: &readBuffer) {
      case .moved(let count): take(count, for: client)
      case .wouldBlock: return
      case .ended: return perform(table[slot].session.peerClosedItsSide(), for: slot)
      case .failed: return close(slot, .reset)
      }
    }
  }

  private func take(_ count: Int, for client: ClientID) {
    let slot = client.slot
    var index = 0
    while index < count, table.contains(client), table[slot].session.isReading {
      let action = table[slot].session.bytesReceived(
        readBuffer.span.extracting(0..<count), from: &index, options: manner(of: slot).session)
      perform(action, for: slot)
    }
    // A further request that came along with one whose answer is still being written: read again afterwards.
    guard index < count, table.contains(client) else { return }
    table[slot].unread.append(contentsOf: readBuffer[index..<count])
  }

  private func takeUnread(_ client: ClientID) {
    let slot = client.slot
    let bytes = table[slot].unread
    table[slot].unread = []
    var index = 0
    while index < bytes.count, table.contains(client), table[slot].session.isReading {
      let action = table[slot].session.bytesReceived(
        bytes.span, from: &index, options: manner(of: slot).session)
      perform(action, for: slot)
    }
    guard table.contains(client) else { return }
    if index < bytes.count { table[slot].unread.insert(contentsOf: bytes[index...], at: 0) }
    if table[slot].session.isReading { read(slot) }
  }

  // MARK: Actions

  private func perform(_ action: ClientSession.BytesReceivedAction, for slot: Int32) {
    switch action {
    case .wait: break
    case .send(let response, let form): send(response, form, to: slot)
    case .serve(let page, let form): serve(page, form, to: slot)
    case .sendStreamHead(let version):
      var bytes: [UInt8] = []
      manner(of: slot).opening.appendHead(for: version, date: date, to: &bytes)
      write(bytes, to: slot)
    case .startStream(let subscription, let head): startStream(subscription, head, for: slot)
    case .cleanUp(let scope, let key, let head, let form): cleanUp(scope, key, head, form, for: slot)
    case .close(let reason): close(slot, reason)
    }
  }

  func perform(_ action: ClientSession.EndingAction, for slot: Int32) {
    switch action {
    case .wait: break
    case .send(let response, let form): send(response, form, to: slot)
    case .close(let reason): close(slot, reason)
    }
  }

  /// Reads from the loop and not from within a write: a client that asks a thousand things at once must not deepen
  /// the stack, and what is being read now must not be overwritten.
  func readSoon(_ slot: Int32) {
    guard let client = table.id(at: slot) else { return }
    loop.schedule(at: loop.now) { [weak self] in
      guard let self, table.contains(client) else { return }
      takeUnread(client)
    }
  }

  // MARK: Deadlines

  /// Sets the client's one deadline; the one before is void.
  func setDeadline(_ slot: Int32, after limit: Duration) {
    guard let client = table.id(at: slot) else { return }
    table[slot].deadlineNumber &+= 1
    deadlines.append(
      HeadDeadline(
        at: loop.now.advanced(by: limit), client: client, number: table[slot].deadlineNumber))
  }

  /// Fires what is due.
  func expireDeadlines(at now: Instant) {
    for _ in 0..<deadlines.count {
      guard let deadline = deadlines.popFirst() else { return }
      let slot = deadline.client.slot
      guard table.contains(deadline.client), table[slot].deadlineNumber == deadline.number else { continue }
      guard deadline.at <= now else {
        deadlines.append(deadline)
        continue
      }
      if table[slot].tls?.isEstablished == false {
        close(slot, .handshakeFailed)
      } else if table[slot].outbound.isEmpty {
        let options = manner(of: slot).session
        perform(table[slot].session.deadlineHit(options: options), for: slot)
      } else {
        close(slot, .writeTimeout)
      }
    }
  }
}
