import EdgeCore
import HTTP
import Primitives
import Reactor

// The delivery of streams: what an edge does all day.
extension Worker {
  func startStream(_ kind: StreamKind, _ head: RequestHead, for slot: Int32) {
    guard !isShuttingDown, configuration.clientCount.join(limit: configuration.clientsMaximum) else {
      totals.refused += 1
      let response = configuration.refusal.response(
        acceptsEventStream: head.acceptsEventStream, using: &random)
      table[slot].session.end(.overLimit)
      return send(response, .last, to: slot)
    }
    table[slot].deadlineNumber &+= 1
    table[slot].status = ConnectionStatus(
      stream: kind, createdAt: MonotonicClock.wallSeconds(), clientAddress: table[slot].address?.host ?? "",
      userAgent: head.value(of: "user-agent"))
    var bytes: [UInt8] = []
    configuration.opening.append(for: head.version, using: &random, to: &bytes)
    join(slot, stream(for: kind), opening: bytes)
  }

  private func stream(for kind: StreamKind) -> DeliveryStream {
    if let stream = streams[kind] { return stream }
    let stream = DeliveryStream(
      key: kind, lagMaximum: configuration.lagMaximum, bufferMaximum: configuration.bufferMaximum,
      now: loop.now,
      renderSum: UpdateRenderer.renderSum)
    streams[kind] = stream
    return stream
  }

  private func join(_ slot: Int32, _ stream: DeliveryStream, opening bytes: [UInt8]) {
    let descriptor = table[slot].descriptor
    // What came earlier in this turn is not for a client that only now joins.
    deliver(stream)
    table[slot].stream = stream
    if let topic = stream.key.topic { mailboxes.link.post(.joined(topic)) }
    switch Socket.send(descriptor, bytes) {
    case .moved(let count) where count == bytes.count:
      totals.bytesSent += UInt64(count)
      stream.join(slot, descriptor: descriptor)
    case .moved(let count):
      totals.bytesSent += UInt64(count)
      stream.joinLagging(slot, descriptor: descriptor, pending: bytes, sent: count, at: loop.now)
    case .wouldBlock, .ended:
      stream.joinLagging(slot, descriptor: descriptor, pending: bytes, sent: 0, at: loop.now)
    case .failed: close(slot, .reset)
    }
  }

  /// Writes what is new to the clients in step, then to those that lag and have room.
  func deliver(_ stream: DeliveryStream) {
    if let payload = stream.takeFlush() { flush(payload, to: stream) }
    while let write = stream.nextWrite() {
      switch Socket.send(write.descriptor, write.bytes, from: write.start) {
      case .moved(let count):
        totals.bytesSent += UInt64(count)
        stream.wrote(write.slot, count: count, at: loop.now)
      case .wouldBlock, .ended: stream.wrote(write.slot, count: 0, at: loop.now)
      case .failed: close(write.slot, .reset)
      }
    }
    stream.trim(at: loop.now)
  }

  private func flush(_ payload: [UInt8], to stream: DeliveryStream) {
    var short: [(slot: Int32, result: TransferResult)] = []
    totals.bytesSent += UInt64(payload.count * stream.descriptors.count)
    Socket.send(payload, toEach: stream.descriptors) { index, result in
      short.append((stream.slots[index], result))
    }
    for (slot, result) in short {
      var sent = 0
      if case .moved(let count) = result { sent = count }
      totals.bytesSent -= UInt64(payload.count - sent)
      if case .failed = result {
        close(slot, .reset)
      } else {
        stream.fellBehind(slot, payload: payload, sent: sent, at: loop.now)
      }
    }
  }
}
