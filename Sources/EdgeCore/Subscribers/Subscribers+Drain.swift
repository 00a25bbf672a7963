public import Primitives

// How a worker stops taking subscribers, lets its own go, and is done.
extension Subscribers {
  /// Whether a worker takes subscribers.
  enum Phase: Equatable, Sendable {
    case serving
    /// New ones are turned away.
    case draining
    /// The same, and the process ends when all workers have finished.
    ///
    /// - settledSince: since when nobody is owed anything.
    case finishing(settledSince: Instant?)
    case finished
  }

  /// For so long, once everybody has had the last bytes, connections that have just come, or have not closed, are waited for.
  public static let settleLimit = Duration.seconds(2)

  /// Whether new subscribers are turned away.
  public var isDraining: Bool { phase != .serving }

  /// Whether the worker has ended.
  public var isFinished: Bool { phase == .finished }

  /// A drain begins with its announcement, and has let nobody go yet.
  public mutating func drainAnnounced() { counters.releasedOfLate = 0 }

  /// Takes no new subscribers, and lets all go over the window.
  public mutating func drain(
    over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    if phase == .serving {
      counters.releasedOfLate = 0
      phase = .draining
    }
    begin(.max, over: window, because: .drained, now: now, using: &random)
  }

  /// The same, and then ends.
  ///
  /// - Returns: true the first time: from then on ``settles(isOwed:now:)`` is to be asked every now and then.
  public mutating func finish(
    over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) -> Bool {
    drain(over: window, now: now, using: &random)
    guard phase == .draining else { return false }
    phase = .finishing(settledSince: nil)
    return true
  }

  /// Takes subscribers again; those that are still here stay.
  ///
  /// - Returns: false if nothing changes: the worker serves, or it will end.
  public mutating func resume() -> Bool {
    guard phase == .draining else { return false }
    phase = .serving
    ongoing = nil
    return true
  }

  /// Everything is closed at once.
  public mutating func shutDown() {
    if phase != .finished { phase = .finishing(settledSince: nil) }
    ongoing = nil
  }

  /// Looks whether a worker that finishes owes nothing any more: connections that wait for a request can then be closed.
  ///
  /// - Parameter isOwed: whether a connection has not taken all of a response, or waits to be accepted.
  public mutating func settles(isOwed: Bool, now: Instant) -> Bool {
    guard case .finishing(let since) = phase else { return false }
    let isSettled = count == 0 && !isOwed
    phase = .finishing(settledSince: isSettled ? since ?? now : nil)
    return isSettled
  }

  /// Whether a worker that has settled is to close what is left.
  public func isOver(connections: Int, now: Instant) -> Bool {
    guard case .finishing(let since?) = phase else { return false }
    return connections == 0 || since.advanced(by: Self.settleLimit) <= now
  }

  /// All is closed.
  ///
  /// - Returns: true the first time.
  public mutating func finished() -> Bool {
    guard phase != .finished else { return false }
    phase = .finished
    return true
  }
}
