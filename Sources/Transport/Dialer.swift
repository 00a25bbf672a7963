import Primitives
import Reactor

/// Connects to the first of a peer's addresses that answers: performs the actions of a ``ConnectionRace``, and closes
/// the sockets of the losing attempts, at the latest with itself.
final class Dialer {
  private let loop: EventLoop
  private var race: ConnectionRace<SocketAddress, SystemError>
  private var attempts: [Int: PendingConnect] = [:]
  private var timer: Deadline?
  private let connected: (consuming FileDescriptor, SocketAddress) -> Void
  private let failed: (DisconnectReason) -> Void

  /// - Parameters:
  ///   - addresses: at least one.
  ///   - connected: takes the socket of the winning attempt.
  ///   - failed: called once every attempt has failed.
  init(
    _ addresses: [SocketAddress], on loop: EventLoop,
    connected: @escaping (consuming FileDescriptor, SocketAddress) -> Void,
    failed: @escaping (DisconnectReason) -> Void
  ) {
    self.loop = loop
    race = ConnectionRace(addresses, family: \.family)
    self.connected = connected
    self.failed = failed
    timer = Deadline(on: loop) { [weak self] in
      guard let self else { return }
      perform(race.timerTriggered(now: loop.now))
    }
  }

  deinit { stop() }

  /// Starts the race; may call back before it returns.
  func start() { perform(race.start(now: loop.now)) }

  /// Why there is no connection so far.
  var failure: DisconnectReason {
    if race.attempts.count == 1, let error = race.attempts[0].failure { return .system(error) }
    return .unreachable(
      UnreachablePeer(
        attempts: race.attempts.map { UnreachablePeer.Attempt(address: $0.address, failure: $0.failure) },
        untried: race.leftOut + race.addresses.count - race.attempts.count))
  }

  private func perform(_ action: ConnectionRace<SocketAddress, SystemError>.Action) {
    var action = action
    while case .attempt(let index) = action { action = attempt(index) }
    timer?.set(race.deadline)
    if action == .lose { failed(failure) }
  }

  private func attempt(_ index: Int) -> ConnectionRace<SocketAddress, SystemError>.Action {
    let address = race.addresses[index]
    do throws(SystemError) {
      let descriptor = try Socket.make(for: address)
      try Socket.connect(descriptor.number, to: address)
      attempts[index] = try PendingConnect(descriptor, on: loop) { [weak self] descriptor, error in
        self?.decided(index, descriptor, error)
      }
      return .wait
    } catch {
      return race.attemptFailed(index, because: error, now: loop.now)
    }
  }

  private func decided(_ index: Int, _ descriptor: consuming FileDescriptor, _ error: SystemError?) {
    attempts[index] = nil
    if let error { return perform(race.attemptFailed(index, because: error, now: loop.now)) }
    race.attemptSucceeded()
    stop()
    connected(descriptor, race.addresses[index])
  }

  private func stop() {
    timer?.set(nil)
    for attempt in attempts.values { attempt.stop() }
    attempts = [:]
  }
}

/// A socket with a `connect` under way: it becomes writable when that ends.
private final class PendingConnect: ReadinessHandler {
  private let loop: EventLoop
  private var descriptor: FileDescriptor?
  private var registration: EventLoop.Registration?
  private let decided: (consuming FileDescriptor, SystemError?) -> Void

  init(
    _ descriptor: consuming FileDescriptor, on loop: EventLoop,
    decided: @escaping (consuming FileDescriptor, SystemError?) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.decided = decided
    let number = descriptor.number
    self.descriptor = consume descriptor
    registration = try loop.register(number, for: .writable, handler: self)
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard let descriptor = take() else { return }
    let error = Socket.pendingError(of: descriptor.number)
    decided(descriptor, error)
  }

  /// Gives the attempt up, and closes the socket.
  func stop() { _ = take() }

  private func take() -> FileDescriptor? {
    guard let taken = descriptor.take() else { return nil }
    if let registration { loop.deregister(registration, of: taken.number) }
    registration = nil
    return taken
  }
}
