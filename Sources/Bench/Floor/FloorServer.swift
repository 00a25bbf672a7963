import Glibc
import Primitives
import Reactor
import Service
import TLS
import Uring

/// The bare loop: at every tick the same bytes to every socket, and nothing else.
///
/// All other work of a real server is omitted on purpose: it reads one request of each client without parsing it,
/// notices only failing writes, and drops bytes that a socket does not accept. It shares only the event loop with an
/// edge.
final class FloorServer: ReadinessHandler {
  private static let answer = Array(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: keep-alive\r\n\r\nretry:3000\n\n".utf8)

  private let loop: EventLoop
  private let interval: Duration
  private let event: [UInt8]
  private let context: TLSContext?
  private let ring: SendRing?
  private var listener: Listener?
  private var nextTick: Instant
  /// The clients whose request has not arrived.
  private var pending: [(descriptor: Int32, tls: TLSSession?)] = []
  private var descriptors: [Int32] = []
  private var sessions: [TLSSession] = []
  private var gone: [Int] = []

  init(rate: Double, bytes: Int, context: TLSContext?, ring: SendRing? = nil, loop: EventLoop) throws {
    self.loop = loop
    self.context = context
    self.ring = ring
    interval = .nanoseconds(Int64(1e9 / rate))
    event = FloorEvent.bytes(count: bytes)
    nextTick = loop.now
  }

  /// Listens on a free port of 127.0.0.1, and returns it.
  func start() throws -> UInt16 {
    guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else {
      preconditionFailure("no loopback")
    }
    let socket = try ListeningSocket(on: address)
    listener = try Listener(
      socket, on: loop, accepted: { [weak self] descriptor, _ in self?.accepted(descriptor) },
      acceptFailed: { _ in })
    _ = try loop.register(STDIN_FILENO, for: .readable, handler: self)
    tick()
    return socket.address.port
  }

  /// Standard input has closed, so the parent process has ended.
  func descriptorReady(_ readiness: Readiness, token: Int) { loop.stop() }

  private func accepted(_ descriptor: consuming FileDescriptor) {
    Socket.disableNagle(descriptor.number)
    let session = context.map { context in try? TLSSession(accepting: descriptor.number, context: context) }
    pending.append((descriptor.release(), session ?? nil))
  }

  private func tick() {
    if context == nil { sendToAll() } else { writeToAll() }
    for index in gone.reversed() { remove(index) }
    gone.removeAll(keepingCapacity: true)
    pending = pending.filter { !begin($0.descriptor, $0.tls) }
    // A late tick is not made up for.
    nextTick = max(nextTick.advanced(by: interval), loop.now)
    loop.schedule(at: nextTick) { [weak self] in self?.tick() }
  }

  private func sendToAll() {
    if let ring {
      return ring.send(event, toEach: descriptors[...]) { index, result in
        if case .failed = result { gone.append(index) }
      }
    }
    unsafe event.withUnsafeBytes { bytes in
      for index in descriptors.indices {
        let count = unsafe send(descriptors[index], bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count < 0, errno != EAGAIN { gone.append(index) }
      }
    }
  }

  private func writeToAll() {
    unsafe event.withUnsafeBytes { bytes in
      for index in sessions.indices {
        if case .failed = unsafe sessions[index].output.write(bytes) { gone.append(index) }
      }
    }
  }

  private func remove(_ index: Int) {
    _ = FileDescriptor(owning: descriptors[index])
    descriptors.swapAt(index, descriptors.count - 1)
    descriptors.removeLast()
    guard context != nil else { return }
    sessions.swapAt(index, sessions.count - 1)
    sessions.removeLast()
  }

  /// Answers a client whose request has arrived.
  ///
  /// - Returns: false if it must be called again.
  private func begin(_ descriptor: Int32, _ tls: TLSSession?) -> Bool {
    var request = [UInt8](repeating: 0, count: 2048)
    if let tls {
      switch tls.handshake() {
      case .wantsRead, .wantsWrite: return false
      case .failed: return give(up: descriptor)
      case .complete: break
      }
      guard case .bytes = unsafe request.withUnsafeMutableBytes({ unsafe tls.read(into: $0) }) else {
        return false
      }
      _ = unsafe Self.answer.withUnsafeBytes { unsafe tls.output.write($0) }
      sessions.append(tls)
    } else {
      switch unsafe request.withUnsafeMutableBytes({ unsafe Socket.receive(descriptor, into: $0) }) {
      case .moved: _ = Socket.send(descriptor, Self.answer)
      case .wouldBlock: return false
      case .ended, .failed: return give(up: descriptor)
      }
    }
    descriptors.append(descriptor)
    return true
  }

  private func give(up descriptor: Int32) -> Bool {
    _ = FileDescriptor(owning: descriptor)
    return true
  }
}
