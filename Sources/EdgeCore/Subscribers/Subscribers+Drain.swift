import Primitives

// How a worker stops accepting subscribers, releases its own, and finishes.
extension Subscribers {
  /// Whether a worker accepts subscribers.
  enum Phase: Equatable, Sendable {
    case serving
    /// New subscribers are rejected.
    case draining
    /// New subscribers are rejected, and the process ends when all workers have finished.
    ///
    /// - settledSince: since when no client is owed bytes; nil while one is.
    case finishing(settledSince: Instant?)
    case finished
  }

  /// How long a worker waits, once all clients have had their last bytes, for connections that have just arrived or
  /// have not closed.
  package static let settleLimit = Duration.seconds(2)

  /// Whether new subscribers are rejected.
  package var isDraining: Bool { phase != .serving }

  /// Whether the worker has finished.
  package var isFinished: Bool { phase == .finished }

  /// A drain was announced. It has released no client yet, so the count begins at zero.
  package mutating func drainAnnounced() { counters.releasedOfLate = 0 }

  /// Rejects new subscribers, and releases the present ones over the window.
  package mutating func drain(
    over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    if phase == .serving {
      counters.releasedOfLate = 0
      phase = .draining
    }
    begin(.max, over: window, because: .drained, now: now, using: &random)
  }

  /// Drains likewise, and then finishes.
  ///
  /// - Returns: true at the first call: from then on the driver calls ``settles(isOwed:now:)`` now and then.
  package mutating func finish(
    over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) -> Bool {
    drain(over: window, now: now, using: &random)
    guard phase == .draining else { return false }
    phase = .finishing(settledSince: nil)
    return true
  }

  /// Accepts subscribers again; the present ones stay.
  ///
  /// - Returns: false if nothing changes, because the worker serves already or is finishing.
  package mutating func resume() -> Bool {
    guard phase == .draining else { return false }
    phase = .serving
    ongoing = nil
    return true
  }

  /// The driver closes all connections at once.
  package mutating func shutDown() {
    if phase != .finished { phase = .finishing(settledSince: nil) }
    ongoing = nil
  }

  /// Whether a finishing worker owes no more bytes: then connections that wait for a request can be closed.
  ///
  /// - Parameter isOwed: whether a connection has not taken a whole response, or waits to be accepted. It is asked only
  ///   when no subscriber is left, because the driver checks every connection for it.
  package mutating func settles(isOwed: @autoclosure () -> Bool, now: Instant) -> Bool {
    guard case .finishing(let since) = phase else { return false }
    let isSettled = count == 0 && !isOwed()
    phase = .finishing(settledSince: isSettled ? since ?? now : nil)
    return isSettled
  }

  /// Whether a settled worker must close the connections that are left.
  package func isOver(connections: Int, now: Instant) -> Bool {
    guard case .finishing(let since?) = phase else { return false }
    return connections == 0 || since.advanced(by: Self.settleLimit) <= now
  }

  /// All connections are closed.
  ///
  /// - Returns: true at the first call.
  package mutating func finished() -> Bool {
    guard phase != .finished else { return false }
    phase = .finished
    return true
  }
}
