import Primitives
import Reactor
import TLS

// Takes a client from its socket to its stream, and back.
extension LoadRun {
  /// The wait of an `EventSource` before it reconnects, in milliseconds, if the server sends no `retry:`.
  private static let defaultRetry: UInt64 = 3_000

  func connectionDecided(_ slot: Int) {
    if let error = Socket.pendingError(of: clients[slot].descriptor) {
      return attemptFailed(slot, because: "\(error)")
    }
    guard let tls else { return sendRequest(slot) }
    do throws(TLSFailure) {
      clients[slot].tls = try TLSSession(
        connecting: clients[slot].descriptor, to: tls.name, context: tls.context,
        resuming: clients[slot].resumable)
      clients[slot].phase = .handshaking
      handshake(slot)
    } catch {
      failed(slot, because: "\(error)")
    }
  }

  func handshake(_ slot: Int) {
    switch clients[slot].tls?.handshake() {
    case .complete:
      report.handshakes.ended(
        isResumed: clients[slot].tls?.isResumed == true, isReturn: clients[slot].resumable != nil)
      sendRequest(slot)
    case .wantsRead: want(.readable, slot)
    case .wantsWrite: want(.writable, slot)
    case .failed(let failure): failed(slot, because: "\(failure)")
    case nil: break
    }
  }

  /// A new socket has room for the whole request.
  private func sendRequest(_ slot: Int) {
    guard send(request(slot), slot) else { return failed(slot, because: "the request was not taken") }
    clients[slot].phase = .awaitingHead
    want(.readable, slot)
  }

  private func request(_ slot: Int) -> [UInt8] {
    let ids = clients[slot].streams.map(\.scanner.lastID)
    if options.http2Streams != nil {
      clients[slot].multiplexed = MultiplexedConnection(to: options.target, lastIDs: ids)
      return clients[slot].multiplexed?.takeOutput() ?? []
    }
    return ids[0].isEmpty ? request : options.target.request(after: ids[0])
  }

  /// - Returns: whether the kernel took all of the bytes.
  func send(_ bytes: [UInt8], _ slot: Int) -> Bool {
    if let tls = clients[slot].tls { return tls.output.write(bytes) == .wrote(bytes.count) }
    return Socket.send(clients[slot].descriptor, bytes) == .moved(bytes.count)
  }

  func want(_ readiness: Readiness, _ slot: Int) {
    guard let registration = clients[slot].registration else { return }
    loop.modify(registration, of: clients[slot].descriptor, for: readiness)
  }

  /// Takes bytes of the response head.
  ///
  /// - Returns: how many of them belong to the head; nil if there is no stream.
  func takeHead(_ count: Int, _ slot: Int) -> Int? {
    let known = clients[slot].head.count
    clients[slot].head.append(contentsOf: readBuffer[..<count])
    switch AnswerHead.parse(clients[slot].head) {
    case .incomplete: return count
    case .malformed:
      failed(slot, because: "the answer is not HTTP")
      return nil
    case .complete(let head, let size):
      clients[slot].head = []
      guard head.status == 200, head.isEventStream else {
        report.turnedAway += head.status == 503 ? 1 : 0
        failed(slot, because: "HTTP \(head.status)", retry: head.retryAfterSeconds.map { $0 * 1000 })
        return nil
      }
      clients[slot].chunks = head.isChunked ? ChunkScanner() : nil
      clients[slot].isTurnedAway = head.closes
      began(slot)
      return size - known
    }
  }

  /// The server has answered.
  func began(_ slot: Int) {
    let took = clients[slot].connectedFrom.duration(to: MonotonicClock.now())
    report.connecting.record(UInt64(max(0, took.wholeNanoseconds / 1000)))
    clients[slot].phase = .streaming
    // Now, because OpenSSL voids it when the connection breaks.
    clients[slot].resumable = clients[slot].tls?.resumable ?? clients[slot].resumable
    if clients[slot].isTurnedAway {
      clients[slot].phase = .awaitingHead
      report.turnedAway += 1
    } else {
      report.opened += 1
      report.furtherAddresses.count += clients[slot].furtherAddresses
      report.furtherAddresses.maximum = max(
        report.furtherAddresses.maximum, clients[slot].furtherAddresses)
      if clients[slot].role.isHeldBack, stage.isBeforeEnd { want([], slot) }
    }
  }

  /// The connection has ended, other than by this client.
  func ended(_ slot: Int, because reason: String) {
    let retry = clients[slot].retryMilliseconds
    if clients[slot].isTurnedAway { return returnLater(slot, after: retry) }
    guard clients[slot].phase == .streaming else { return failed(slot, because: reason, retry: retry) }
    report.lost += 1
    report.reasons["lost: \(clients[slot].isOver ? "released by the server" : reason)", default: 0] += 1
    clients[slot].wasInterrupted = true
    if clients[slot].interruption == nil {
      clients[slot].interruption = Interruption(since: clients[slot].heardAt)
    }
    returnLater(slot, after: retry)
  }

  func failed(_ slot: Int, because reason: String, retry: UInt64? = nil) {
    report.failed += 1
    report.reasons["failed: \(reason)", default: 0] += 1
    returnLater(slot, after: retry)
  }

  private func returnLater(_ slot: Int, after retry: UInt64?) {
    close(slot)
    clients[slot].phase = .waiting
    let generation = clients[slot].generation
    let delay = Duration.milliseconds(min(retry ?? Self.defaultRetry, 600_000))
    clients[slot].interruption?.told += delay
    loop.schedule(at: loop.now.advanced(by: delay)) { [weak self] in
      guard let self, stage != .closed, clients[slot].generation == generation,
        clients[slot].phase == .waiting
      else { return }
      open(slot)
    }
  }

  /// Ends a client's connection.
  func close(_ slot: Int) {
    if clients[slot].streams.contains(where: \.scanner.wasReset) { clients[slot].wasReset = true }
    if let registration = clients[slot].registration {
      loop.deregister(registration, of: clients[slot].descriptor)
    }
    clients[slot].registration = nil
    clients[slot].tls = nil
    if clients[slot].descriptor >= 0 { _ = FileDescriptor(owning: clients[slot].descriptor) }
    clients[slot].descriptor = -1
    clients[slot].phase = .retired
  }
}
