import PlantedFaults
import Primitives

/// Decides which TLS handshake takes its next step, when, and what the driver does after it.
///
/// A handshake costs a thousand times what an event costs. So handshakes wait in a queue, and each turn runs a few of
/// them after its delivery: a storm of reconnecting clients does not delay the clients that are connected. Handshakes
/// that have begun go first. One in progress holds some 45 KB, one that waits for its beginning almost nothing: the driver
/// makes its session only then, and its time limit does not run while it waits for the edge. Otherwise more clients than
/// can be served within that limit would all fail, and come again.
///
/// In each turn the driver calls ``beginTurn()``, then for each connection from ``next(now:)`` makes the session's next
/// step and reports it by ``stepTaken(by:_:)``, and at last sets its timer to ``deadline(now:)``.
package struct HandshakeQueue: Sendable {
  /// After this time a handshake no longer counts: a client that keeps the edge waiting must not block others.
  static let countedTime = Duration.milliseconds(250)
  /// The most handshake steps in a turn: about two milliseconds.
  static let stepsPerTurn = 8
  /// How soon to look again while all handshakes that count wait for their clients.
  static let patience = Duration.milliseconds(10)

  /// The most handshakes in progress at once that count.
  private let countedMaximum: Int
  /// Connections whose handshakes have begun and have a next step, in order.
  private var begun = RingBuffer<ConnectionID>()
  /// Connections whose handshakes have not begun, in order.
  private var waiting = RingBuffer<ConnectionID>()
  /// The connections in either queue.
  private var queued: Set<ConnectionID> = []
  /// Connections whose handshakes have begun and not ended.
  private var underWay: Set<ConnectionID> = []
  /// Those of them that count.
  private var counted: Set<ConnectionID> = []
  /// When handshakes began, in order; some of them may have ended.
  private var beginnings = RingBuffer<(at: Instant, connection: ConnectionID)>()
  private var stepsLeft = 0

  /// An empty queue.
  ///
  /// - Parameter countedMaximum: the most handshakes in progress at once that count. This bounds their memory: about
  ///   12 MB.
  package init(countedMaximum: Int = 256) {
    self.countedMaximum = countedMaximum
  }

  /// A connection became ready before its handshake was complete: its next step is queued.
  ///
  /// - Returns: whether it begins to wait for its beginning; then its time limit is void.
  package mutating func becameReady(_ connection: ConnectionID) -> Bool {
    guard queued.insert(connection).inserted else { return false }
    if underWay.contains(connection) {
      begun.append(connection)
      return false
    }
    waiting.append(connection)
    return true
  }

  // MARK: A turn

  /// A turn begins, with steps of its own.
  package mutating func beginTurn() { stepsLeft = Self.stepsPerTurn }

  /// Takes out the connection whose handshake takes the next step; nil if none does in this turn.
  ///
  /// - Returns: the connection, and whether this is its first step, from which its time limit runs.
  package mutating func next(now: Instant) -> (connection: ConnectionID, isFirst: Bool)? {
    guard stepsLeft > 0 else { return nil }
    let begun = nextBegun()
    guard let connection = begun ?? nextWaiting(now) else { return nil }
    stepsLeft -= 1
    return (connection, isFirst: begun == nil)
  }

  private mutating func nextBegun() -> ConnectionID? {
    while let connection = begun.popFirst() {
      if queued.remove(connection) != nil { return connection }
    }
    return nil
  }

  private mutating func nextWaiting(_ now: Instant) -> ConnectionID? {
    while let first = beginnings.first, !counts(first, now) {
      beginnings.popFirst()
      counted.remove(first.connection)
    }
    guard counted.count < countedMaximum || planted(.handshakesUnbounded) else { return nil }
    while let connection = waiting.popFirst() {
      guard queued.remove(connection) != nil else { continue }
      underWay.insert(connection)
      counted.insert(connection)
      beginnings.append((now, connection))
      return connection
    }
    return nil
  }

  private func counts(_ beginning: (at: Instant, connection: ConnectionID), _ now: Instant) -> Bool {
    counted.contains(beginning.connection) && beginning.at.advanced(by: Self.countedTime) > now
  }

  /// The result of a handshake's step.
  package enum Step: Sendable {
    /// The handshake is complete.
    case complete
    /// It continues when the connection becomes ready again.
    case wait
    /// It was refused, or the connection broke.
    case failed
  }

  /// What the driver does after a step.
  package enum StepAction: Equatable, Sendable {
    /// Nothing.
    case wait
    /// Read what has arrived behind the handshake, as the protocol that was agreed on.
    case establish
    /// Close the connection, which reports ``ended(_:)``.
    case close(CloseReason)
  }

  /// A handshake has made the step that ``next(now:)`` asked for.
  package mutating func stepTaken(by connection: ConnectionID, _ step: Step) -> StepAction {
    switch step {
    case .wait: return .wait
    case .failed: return .close(.handshakeFailed)
    case .complete:
      ended(connection)
      return .establish
    }
  }

  /// A handshake is complete, or its connection is gone.
  package mutating func ended(_ connection: ConnectionID) {
    queued.remove(connection)
    underWay.remove(connection)
    if !planted(.handshakePlaceKept) { counted.remove(connection) }
  }

  /// When to take further steps; nil if no connection waits. That is in the next turn, or, while all handshakes that
  /// count wait for their clients, soon: one of them may end, or count no longer.
  package func deadline(now: Instant) -> Instant? {
    guard !queued.isEmpty else { return nil }
    let isFull = begun.isEmpty && counted.count >= countedMaximum
    return isFull ? now.advanced(by: Self.patience) : now
  }
}
