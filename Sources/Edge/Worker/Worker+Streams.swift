import EdgeCore
import HTTP
import Primitives
import Reactor

// How a client comes to a stream.
extension Worker {
  func startStream(_ subscription: Subscription, _ head: RequestHead, for slot: Int32) {
    let kind = subscription.stream
    let address = address(of: slot, head)
    guard !isDraining, configuration.register.join(address) else {
      totals.refused += 1
      let response = configuration.refusal.response(
        acceptsEventStream: head.acceptsEventStream, using: &random)
      table[slot].session.end(.overLimit)
      return sendLast(response, to: slot)
    }
    table[slot].deadlineNumber &+= 1
    table[slot].status = ConnectionStatus(
      stream: kind, options: subscription.options, createdAt: MonotonicClock.wallSeconds(),
      clientAddress: address?.description ?? "", userAgent: head.value(of: "user-agent"))
    table[slot].stream = kind
    let opening = manner(of: slot).opening
    table[slot].framing = opening.framing(for: head.version)
    table[slot].countedAddress = address
    table[slot].key = head.target.clientKey
    streamCount += 1
    scheduleRefresh(slot)
    if kind.concernsLink { mailboxes.link.post(.joined(kind)) }
    var bytes: [UInt8] = []
    opening.append(for: head.version, date: date, using: &random, to: &bytes)
    guard subscription.needsOpening else { return join(slot, kind, opening: bytes) }
    // It has its place, and may leave it; it streams when the link's thread has found out with what.
    table[slot].awaitedOpening = bytes
    guard let client = openingClient(at: slot) else { return }
    mailboxes.link.post(.requested(client, subscription))
  }

  /// What the link's thread knows a client by.
  private func openingClient(at slot: Int32) -> OpeningClient? {
    table.id(at: slot).map { OpeningClient(worker: index, $0, framing: table[slot].framing) }
  }

  /// The first bytes of streams are there, and true behind what was appended so far.
  ///
  /// - Parameter answer: nil if there is no room for them now.
  func opened(_ clients: [OpeningClient], with answer: SharedBytes?) {
    for client in clients {
      let slot = client.id.slot
      guard table.contains(client.id), let head = table[slot].awaitedOpening, let kind = table[slot].stream
      else { continue }
      table[slot].awaitedOpening = nil
      guard let answer else {
        if head.isEmpty {
          release(slot, .overLimit, retry: configuration.retry)
        } else {
          turnAway(slot)
        }
        continue
      }
      let cut = release(slot, from: kind)
      join(slot, kind, opening: cut + head, followedBy: answer)
    }
  }

  /// What follows the heads of streams is not known for long: the clients get those alone, and wait on.
  func admitted(_ clients: [OpeningClient]) {
    for client in clients {
      let slot = client.id.slot
      guard table.contains(client.id), let head = table[slot].awaitedOpening, !head.isEmpty,
        let kind = table[slot].stream
      else { continue }
      table[slot].awaitedOpening = []
      let framing = table[slot].framing
      let isAdmitted =
        if let session = table[slot].tls {
          secure[framing].admit(slot, kind, channel: session, opening: head)
        } else {
          plain[framing].admit(slot, kind, channel: table[slot].descriptor, opening: head)
        }
      if !isAdmitted { close(slot, .reset) }
    }
  }

  /// Takes a client out of its stream, or from before it.
  private func release(_ slot: Int32, from kind: StreamKind) -> [UInt8] {
    let framing = table[slot].framing
    return table[slot].tls == nil
      ? plain[framing].release(slot, kind) : secure[framing].release(slot, kind)
  }

  /// Gives a place back that was promised, as if there had been none. Who asks for a place in history is a browser, or
  /// reads as one.
  private func turnAway(_ slot: Int32) {
    totals.refused += 1
    _ = leaveStream(slot)
    let response = configuration.refusal.response(acceptsEventStream: true, using: &random)
    table[slot].session.end(.overLimit)
    sendLast(response, to: slot)
  }

  private func join(
    _ slot: Int32, _ kind: StreamKind, opening: [UInt8], followedBy answer: SharedBytes? = nil
  ) {
    let framing = table[slot].framing
    let isJoined =
      if let session = table[slot].tls {
        secure[framing].join(slot, kind, channel: session, opening: opening, followedBy: answer)
      } else {
        plain[framing].join(slot, kind, channel: table[slot].descriptor, opening: opening, followedBy: answer)
      }
    if !isJoined { close(slot, .reset) }
  }

  /// Who a client is.
  private func address(of slot: Int32, _ head: RequestHead) -> NetworkAddress? {
    ForwardedFor.clientAddress(
      peer: table[slot].address, fields: head.values(of: "x-forwarded-for"),
      forwarded: head.values(of: "forwarded"),
      trusted: configuration.trustedProxies, trustsUnixPeer: configuration.trustsUnixPeer)
  }

  /// Takes a client out of its stream, if it has one; its connection stays.
  ///
  /// - Returns: the rest of what it was cut in; nil if it does not stream.
  func leaveStream(_ slot: Int32) -> [UInt8]? {
    guard let kind = table[slot].stream else { return nil }
    var rest = release(slot, from: kind)
    if let head = table[slot].awaitedOpening {
      // Whoever waits has not even got the head, unless that took long.
      rest += head
      table[slot].awaitedOpening = nil
      if let client = openingClient(at: slot) { mailboxes.link.post(.withdrawn(client)) }
    }
    table[slot].stream = nil
    streamCount -= 1
    configuration.register.leave(table[slot].countedAddress)
    if kind.concernsLink { mailboxes.link.post(.left(kind)) }
    return rest
  }

  /// A page wants its own streams closed, whichever workers they are on.
  func cleanUp(
    _ scope: CleanupScope, _ key: ClientKey?, _ head: RequestHead, _ form: ResponseForm, for slot: Int32
  ) {
    guard let key, let client = table.id(at: slot) else {
      return send(.cleanedUp(0), form, to: slot)
    }
    table[slot].awaits = PendingPage(content: .cleanup, form: form)
    mailboxes.collect(
      for: .client(client, worker: index),
      .closing(.own(scope, address: address(of: slot, head), key: key), .cleanedUp))
  }
}
