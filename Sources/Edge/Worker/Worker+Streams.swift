import EdgeCore
import HTTP
import Reactor

// How a client comes to a stream.
extension Worker {
  func startStream(_ kind: StreamKind, _ head: RequestHead, for slot: Int32) {
    let address = ForwardedFor.clientAddress(
      peer: table[slot].address, fields: head.values(of: "x-forwarded-for"),
      trusted: configuration.trustedProxies,
      trustsUnixPeer: configuration.trustsUnixPeer)
    guard !isShuttingDown, configuration.register.join(address) else {
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
}
