import Primitives

/// In which order the addresses of a peer are tried, and when the next one is, as a pure state machine.
///
/// Happy Eyeballs (RFC 8305): the families take turns, each address has a head start on the next one, and the first that
/// connects wins. So an address that swallows everything, as the IPv6 of a broken network does, costs a quarter of a second.
struct ConnectionRace<Address, Failure> {
  /// The head start (RFC 8305 §5, Connection Attempt Delay).
  static var attemptDelay: Duration { .milliseconds(250) }
  /// How many addresses are tried: each takes a socket.
  static var attemptsMaximum: Int { 8 }

  /// What the driver is to do.
  enum Action: Equatable {
    /// Begin to connect to the address of this index.
    case attempt(Int)
    /// Wait for what comes of the attempts, or for the deadline.
    case wait
    /// Give up: all have failed.
    case lose
  }

  /// An address that was tried, and what came of it.
  struct Attempt {
    let address: Address
    /// Nil if it has not answered.
    var failure: Failure?
  }

  /// The addresses in the order in which they are tried.
  let addresses: [Address]
  /// How many addresses are never tried.
  let leftOut: Int
  /// Those that were tried so far.
  private(set) var attempts: [Attempt] = []
  /// When ``timerTriggered(now:)`` is to be called next; nil if all were tried, or it is decided.
  private(set) var deadline: Instant?

  /// - Parameters:
  ///   - addresses: in the order of the system's preference (RFC 6724); at least one.
  ///   - family: what an address has in common with those that are likely to fail with it.
  init<Family: Hashable>(_ addresses: [Address], family: (Address) -> Family) {
    precondition(!addresses.isEmpty, "a race without addresses")
    let order = Self.interleave(addresses, by: family)
    self.addresses = Array(order.prefix(Self.attemptsMaximum))
    leftOut = order.count - self.addresses.count
  }

  /// The families take turns, beginning with that of the first address (RFC 8305 §4).
  private static func interleave<Family: Hashable>(
    _ addresses: [Address], by family: (Address) -> Family
  ) -> [Address] {
    let families = Dictionary(grouping: addresses, by: family)
    var order: [Family] = []
    for address in addresses where !order.contains(family(address)) { order.append(family(address)) }
    let rounds = families.values.map(\.count).max() ?? 0
    return (0..<rounds).flatMap { round in
      order.compactMap { families[$0]?.dropFirst(round).first }
    }
  }

  /// The race begins.
  mutating func start(now: Instant) -> Action { next(now: now) }

  /// Time has passed.
  mutating func timerTriggered(now: Instant) -> Action {
    guard let deadline, deadline <= now else { return .wait }
    return next(now: now)
  }

  /// An address can not be connected to: the next one need not wait.
  mutating func attemptFailed(_ index: Int, because failure: Failure, now: Instant) -> Action {
    attempts[index].failure = failure
    if attempts.count < addresses.count { return next(now: now) }
    return attempts.allSatisfy { $0.failure != nil } ? .lose : .wait
  }

  /// An address has connected, and the others are of no interest any more.
  mutating func attemptSucceeded() { deadline = nil }

  private mutating func next(now: Instant) -> Action {
    let index = attempts.count
    attempts.append(Attempt(address: addresses[index]))
    deadline = attempts.count < addresses.count ? now.advanced(by: Self.attemptDelay) : nil
    return .attempt(index)
  }
}
