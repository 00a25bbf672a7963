import EdgeCore
import HTTP
import Reactor

// How a client comes to a stream.
extension Worker {
  func startStream(_ kind: StreamKind, _ head: RequestHead, for slot: Int32) {
    let address = address(of: slot, head)
    guard !isDraining, configuration.register.join(address) else {
      totals.refused += 1
      let response = configuration.refusal.response(
        acceptsEventStream: head.acceptsEventStream, using: &random)
      table[slot].session.end(.overLimit)
      return send(response, .last, to: slot)
    }
    table[slot].deadlineNumber &+= 1
    table[slot].status = ConnectionStatus(
      stream: kind, createdAt: MonotonicClock.wallSeconds(), clientAddress: address?.description ?? "",
      userAgent: head.value(of: "user-agent"))
    table[slot].stream = kind
    table[slot].countedAddress = address
    table[slot].key = head.target.clientKey
    streamCount += 1
    scheduleRefresh(slot)
    if let topic = kind.topic { mailboxes.link.post(.joined(topic)) }
    var bytes: [UInt8] = []
    configuration.opening.append(for: head.version, using: &random, to: &bytes)
    let isJoined =
      if let session = table[slot].tls {
        secure.join(slot, kind, channel: session, opening: bytes)
      } else {
        plain.join(slot, kind, channel: table[slot].descriptor, opening: bytes)
      }
    if !isJoined { close(slot, .reset) }
  }

  /// Who a client is.
  private func address(of slot: Int32, _ head: RequestHead) -> NetworkAddress? {
    ForwardedFor.clientAddress(
      peer: table[slot].address, fields: head.values(of: "x-forwarded-for"),
      trusted: configuration.trustedProxies, trustsUnixPeer: configuration.trustsUnixPeer)
  }

  /// Takes a client out of its stream, if it has one; its connection stays.
  ///
  /// - Returns: the rest of what it was cut in; nil if it does not stream.
  func leaveStream(_ slot: Int32) -> [UInt8]? {
    guard let kind = table[slot].stream else { return nil }
    let rest = table[slot].tls == nil ? plain.release(slot, kind) : secure.release(slot, kind)
    table[slot].stream = nil
    streamCount -= 1
    configuration.register.leave(table[slot].countedAddress)
    if let topic = kind.topic { mailboxes.link.post(.left(topic)) }
    return rest
  }

  /// A page wants its own streams closed, whichever workers they are on.
  func cleanUp(
    _ scope: CleanupScope, _ key: ClientKey?, _ head: RequestHead, _ form: ResponseForm, for slot: Int32
  ) {
    guard let key else {
      return send(.cleanedUp(0, allowOrigin: configuration.session.allowOrigin), form, to: slot)
    }
    table[slot].awaits = PendingPage(content: .cleanup, form: form)
    mailboxes.collect(
      for: .client(worker: index, slot: slot, generation: table[slot].generation),
      .closing(.own(scope, address: address(of: slot, head), key: key), .cleanedUp))
  }
}
