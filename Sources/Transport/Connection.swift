import Primitives
import Reactor
import TLS

// Longer than 250 lines: a socket, its TLS and its timers are one state, which only this file may change.

/// A byte stream to one peer, over TCP or a unix socket, plain or within TLS, that never blocks its loop.
///
/// Bytes are queued by reference (the same bytes may wait on a thousand connections at the cost of one), and leave at
/// the end of the turn in as few writes as possible. The queue has no limit of its own: the owner watches ``backlog``
/// and decides what to leave out.
package final class Connection: ReadinessHandler, TurnEndHandler {
  /// The greatest payload of one TLS record (RFC 8446 §5.1), and so of one write.
  static let writeUnit = 16 * 1024
  /// How many reads a connection may do in a turn before the others get theirs.
  private static let readsPerTurn = 8

  enum Phase: Equatable {
    case connecting, handshaking, open, closed
  }

  let network: Network
  let security: Security
  weak var delegate: (any ConnectionDelegate)?

  var phase: Phase
  private var descriptor: FileDescriptor?
  private var registration: EventLoop.Registration?
  private var interest: Readiness = []
  private var tls: TLSSession?
  private var timeout: TimerID?
  /// The request for the peer's addresses, while it is open.
  var lookup: Resolver.Request?
  /// The connection attempts under way.
  var dialer: Dialer?

  private var queue = RingBuffer<[UInt8]>()
  /// How many bytes of the queue's first chunk have been written.
  private var sent = 0
  private var flushIsDue = false
  private var closesWhenDrained = false
  private var peerHasEnded = false

  /// The peer's address, once it is known.
  package internal(set) var remoteAddress: SocketAddress?

  /// How many queued bytes the kernel has not accepted yet.
  package private(set) var backlog = 0
  /// How many bytes were sent to the peer, without TLS overhead.
  package private(set) var bytesSent: UInt64 = 0
  /// How many bytes arrived from the peer, without TLS overhead.
  package private(set) var bytesReceived: UInt64 = 0

  /// The peer's certificate, once the handshake is complete.
  package var peerCertificate: Certificate? { tls?.peer }

  /// True until the connection has ended.
  package var isAlive: Bool { phase != .closed }

  /// True while the peer's name is being looked up.
  package var isResolving: Bool { lookup != nil }

  init(network: Network, security: Security, delegate: any ConnectionDelegate) {
    self.network = network
    self.security = security
    self.delegate = delegate
    phase = .connecting
  }

  /// Takes over an accepted connection.
  ///
  /// - Parameters:
  ///   - handshakeLimit: how long the peer may take for the TLS handshake.
  ///   - delegate: told that the connection opened, or why it could not. Never before this returns.
  package convenience init(
    accepted descriptor: consuming FileDescriptor, from address: SocketAddress?, on network: Network,
    security: Security, handshakeLimit: Duration = .seconds(5), delegate: any ConnectionDelegate
  ) {
    self.init(network: network, security: security, delegate: delegate)
    remoteAddress = address
    setTimeout(handshakeLimit)
    self.descriptor = consume descriptor
    // Later in this turn: the owner must hold the connection before its delegate is called.
    network.loop.schedule(at: network.loop.now) { [weak self] in self?.begin() }
  }

  // MARK: For the owner

  /// Queues bytes; they leave at the end of the turn. Bytes queued after the end of the connection are dropped.
  package func send(_ bytes: [UInt8]) {
    guard phase != .closed, !closesWhenDrained, !bytes.isEmpty else { return }
    queue.append(bytes)
    backlog += bytes.count
    flushAtTurnEnd()
  }

  /// Ends the connection once the kernel has accepted all queued bytes, which it still delivers. The delegate is not
  /// called for that, only if the peer does not take all bytes within the limit.
  package func finish(within limit: Duration = .seconds(2)) {
    guard phase == .open else { return close() }
    guard backlog > 0 else { return part() }
    closesWhenDrained = true
    setTimeout(limit)
  }

  /// Ends the connection now. The delegate is not called.
  package func close() {
    guard phase != .closed else { return }
    if phase == .open { tls?.output.shutdown() }
    release()
  }

  // MARK: Life

  /// The socket is connected.
  func established(_ descriptor: consuming FileDescriptor) {
    self.descriptor = consume descriptor
    begin()
  }

  /// Begins the handshake, or opens.
  private func begin() {
    guard phase == .connecting, let number = descriptor?.number else { return }
    Socket.disableNagle(number)
    do throws(SystemError) {
      interest = .readable
      registration = try network.loop.register(number, for: interest, handler: self)
    } catch {
      return fail(.system(error))
    }
    do throws(TLSFailure) {
      switch security {
      case .plain: return opened()
      case .tlsServer(let context): tls = try TLSSession(accepting: number, context: context)
      case .tlsClient(let context, let name):
        tls = try TLSSession(connecting: number, to: name, context: context)
      }
    } catch {
      return fail(.tls(error))
    }
    phase = .handshaking
    handshake()
  }

  private func handshake() {
    guard let tls else { return }
    switch tls.handshake() {
    case .complete: opened()
    case .wantsRead: want(room: false)
    case .wantsWrite: want(room: true)
    case .failed(let failure): refuse(failure)
    }
  }

  /// The handshake failed: the alert with the reason must reach the peer.
  private func refuse(_ failure: TLSFailure) {
    linger()
    fail(.tls(failure))
  }

  /// The kernel has everything: closes the connection so that the bytes arrive.
  private func part() {
    tls?.output.shutdown()
    linger()
    release()
  }

  private func linger() {
    guard let registration, let taken = descriptor.take() else { return }
    network.loop.deregister(registration, of: taken.number)
    self.registration = nil
    tls = nil
    LingeringClose.close(taken, on: network)
  }

  private func opened() {
    phase = .open
    clearTimeout()
    delegate?.connectionOpened(self)
    if phase == .open, backlog > 0 { flushAtTurnEnd() }
  }

  func fail(_ reason: DisconnectReason) {
    guard phase != .closed else { return }
    release()
    delegate?.connectionClosed(self, because: reason)
  }

  private func release() {
    phase = .closed
    clearTimeout()
    if let lookup { network.resolver.withdraw(lookup) }
    lookup = nil
    dialer = nil
    if let registration, let number = descriptor?.number {
      network.loop.deregister(registration, of: number)
    }
    registration = nil
    tls = nil
    descriptor = nil
    queue.removeAll()
    backlog = 0
  }

  func setTimeout(_ limit: Duration) {
    clearTimeout()
    timeout = network.loop.schedule(at: MonotonicClock.now().advanced(by: limit)) { [weak self] in
      guard let self else { return }
      timeout = nil
      fail(dialer?.failure ?? .timedOut)
    }
  }

  private func clearTimeout() {
    if let timeout { network.loop.cancel(timeout) }
    timeout = nil
  }

  // MARK: Readiness

  /// Continues the handshake, or reads and writes.
  package func descriptorReady(_ readiness: Readiness, token: Int) {
    switch phase {
    case .handshaking: handshake()
    case .open:
      // Reading comes first: a peer that closed the connection may have sent its reason, and a failed write would
      // hide it.
      if !peerHasEnded { read() }
      if phase == .open, readiness.contains(.writable) { flush() }
    case .connecting, .closed: break
    }
  }

  /// The turn in which bytes were queued is over: writes them.
  package func turnEnded() {
    flushIsDue = false
    if phase == .open { flush() }
  }

  private func flushAtTurnEnd() {
    guard !flushIsDue, phase == .open else { return }
    flushIsDue = true
    network.loop.callAtTurnEnd(self)
  }

  /// Registers for writability, or not, and for readability as long as bytes may arrive.
  private func want(room: Bool) {
    var readiness: Readiness = room ? .writable : []
    if !peerHasEnded { readiness.insert(.readable) }
    guard readiness != interest, let registration, let number = descriptor?.number else { return }
    interest = readiness
    network.loop.modify(registration, of: number, for: readiness)
  }

  // MARK: Reading

  private func read() {
    for _ in 0..<Self.readsPerTurn {
      guard phase == .open else { return }
      var buffer: [UInt8] = []
      swap(&buffer, &network.readBuffer)
      defer { swap(&buffer, &network.readBuffer) }
      switch receive(into: &buffer) {
      case .moved(let count):
        bytesReceived += UInt64(count)
        delegate?.connection(self, received: buffer.span.extracting(0..<count))
      case .wouldBlock: return
      case .ended: return peerEnded()
      case .failed(let reason): return fail(reason)
      }
    }
    // A read takes a whole record, and OpenSSL takes no more than that from the kernel: epoll reports the rest.
    assert(tls?.hasPending != true, "bytes that nobody would be told of")
  }

  /// The peer sends no more, but may still read. Queued bytes are sent as far as they fit, or completely if the
  /// connection was to end after them anyway.
  private func peerEnded() {
    peerHasEnded = true
    flush()
    if phase == .open, !closesWhenDrained { fail(.peerClosed) }
  }

  private enum Transfer {
    case moved(Int), wouldBlock, ended, failed(DisconnectReason)
  }

  private func receive(into buffer: inout [UInt8]) -> Transfer {
    guard let number = descriptor?.number else { return .ended }
    guard let tls else {
      return switch unsafe buffer.withUnsafeMutableBytes({ unsafe Socket.receive(number, into: $0) }) {
      case .moved(let count): .moved(count)
      case .wouldBlock: .wouldBlock
      case .ended: .ended
      case .failed(let error): .failed(.system(error))
      }
    }
    switch unsafe buffer.withUnsafeMutableBytes({ unsafe tls.read(into: $0) }) {
    case .bytes(let count): return .moved(count)
    case .wantsRead: return .wouldBlock
    case .wantsWrite:
      want(room: true)
      return .wouldBlock
    case .closed: return .ended
    case .failed(let failure): return .failed(.tls(failure))
    }
  }

  // MARK: Writing

  private func flush() {
    let before = bytesSent
    drain()
    guard phase == .open, bytesSent > before else { return }
    if backlog == 0, closesWhenDrained { return part() }
    delegate?.connectionProgressed(self)
  }

  private func drain() {
    while phase == .open, let first = queue.first {
      let result: Transfer
      if queue.count == 1 || first.count - sent >= Self.writeUnit {
        result = transmit(first, from: sent)
      } else {
        gather()
        result = transmit(network.writeBuffer, from: 0)
      }
      switch result {
      case .moved(let count): advance(by: count)
      case .wouldBlock: return want(room: true)
      case .ended: return fail(.peerClosed)
      case .failed(let reason): return fail(reason)
      }
    }
    if phase == .open { want(room: false) }
  }

  /// Joins the head of the queue into one write of up to one TLS record. A retry offers at least the same bytes as
  /// before, as `SSL_write` demands, because the queue only grows at its end.
  private func gather() {
    network.writeBuffer.removeAll(keepingCapacity: true)
    var index = 0
    var from = sent
    while index < queue.count, network.writeBuffer.count < Self.writeUnit {
      let chunk = queue[index]
      let end = min(chunk.count, from + Self.writeUnit - network.writeBuffer.count)
      network.writeBuffer.append(contentsOf: chunk[from..<end])
      index += 1
      from = 0
    }
  }

  private func transmit(_ bytes: [UInt8], from start: Int) -> Transfer {
    guard let number = descriptor?.number else { return .ended }
    let end = min(bytes.count, start + Self.writeUnit)
    return unsafe bytes.withUnsafeBytes { content in
      let part = unsafe UnsafeRawBufferPointer(rebasing: content[start..<end])
      guard let tls else {
        return switch unsafe Socket.send(number, part) {
        case .moved(let count): .moved(count)
        case .wouldBlock, .ended: .wouldBlock
        case .failed(let error): .failed(.system(error))
        }
      }
      return switch unsafe tls.output.write(part) {
      case .wrote(let count): .moved(count)
      case .wantsRead, .wantsWrite: .wouldBlock
      case .failed(let failure): .failed(.tls(failure))
      }
    }
  }

  private func advance(by count: Int) {
    bytesSent += UInt64(count)
    backlog -= count
    var rest = count
    while rest > 0, let first = queue.first {
      let left = first.count - sent
      if rest < left {
        sent += rest
        return
      }
      rest -= left
      sent = 0
      queue.popFirst()
    }
  }
}
