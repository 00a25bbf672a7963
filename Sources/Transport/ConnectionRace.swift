import Primitives

/// The order in which the addresses of a peer are tried, and when, as a pure state machine.
///
/// Happy Eyeballs (RFC 8305): the families take turns, each address has a head start on the next one, and the first
/// that connects wins. So an address that drops every packet, as the IPv6 of a broken network does, costs a quarter
/// of a second.
struct ConnectionRace<Address, Failure> {
  /// The head start (RFC 8305 §5, Connection Attempt Delay).
  static var attemptDelay: Duration { .milliseconds(250) }
  /// How many addresses are tried at most: each takes a socket.
  static var attemptsMaximum: Int { 8 }

  /// What the driver does next.
  enum Action: Equatable {
    /// Connect to the address with this index.
    case attempt(Int)
    /// Wait for an attempt to end, or for the deadline.
    case wait
    /// Give up: all have failed.
    case lose
  }

  /// An attempt to connect to an address.
  struct Attempt {
    let address: Address
    /// Why it failed; nil while it has not.
    var failure: Failure?
  }

  /// The addresses, in the order of the attempts.
  let addresses: [Address]
  /// How many addresses are beyond ``attemptsMaximum`` and never tried.
  let leftOut: Int
  /// The attempts so far.
  private(set) var attempts: [Attempt] = []
  /// When to call ``timerTriggered(now:)`` next; nil if all addresses were tried, or the race is decided.
  private(set) var deadline: Instant?

  /// - Parameters:
  ///   - addresses: in the order of the system's preference (RFC 6724); at least one.
  ///   - family: addresses with the same family are likely to fail together.
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

  /// An attempt failed: the next one need not wait.
  mutating func attemptFailed(_ index: Int, because failure: Failure, now: Instant) -> Action {
    attempts[index].failure = failure
    if attempts.count < addresses.count { return next(now: now) }
    return attempts.allSatisfy { $0.failure != nil } ? .lose : .wait
  }

  /// An attempt succeeded: the race is decided.
  mutating func attemptSucceeded() { deadline = nil }

  private mutating func next(now: Instant) -> Action {
    let index = attempts.count
    attempts.append(Attempt(address: addresses[index]))
    deadline = attempts.count < addresses.count ? now.advanced(by: Self.attemptDelay) : nil
    return .attempt(index)
  }
}
