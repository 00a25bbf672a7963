import Primitives

/// Decides which TLS handshake takes its next step, and when.
///
/// A handshake costs a thousand times what an event costs. So handshakes wait in a queue, and each turn runs a few of
/// them after its delivery: a storm of reconnecting clients does not delay the clients that are connected. Handshakes
/// that have begun go first. One in progress holds some 45 KB, one that waits for its beginning almost nothing.
package struct HandshakeQueue: Sendable {
  /// The most handshakes in progress at once. This bounds their memory: about 12 MB.
  static let underWayMaximum = 256
  /// After this time a handshake no longer counts: a client that keeps the edge waiting must not block others.
  static let countedTime = Duration.milliseconds(250)
  /// The most handshake steps in a turn: about two milliseconds.
  package static let stepsPerTurn = 8
  /// How soon to look again while all handshakes that count wait for their clients.
  static let patience = Duration.milliseconds(10)

  /// Connections whose handshakes have begun and have a next step, in order.
  private var begun = RingBuffer<ConnectionID>()
  /// Connections whose handshakes have not begun, in order.
  private var waiting = RingBuffer<ConnectionID>()
  /// The connections in either queue.
  private var queued: Set<ConnectionID> = []
  /// Connections whose handshakes have begun and not ended.
  private var underWay: Set<ConnectionID> = []
  /// The handshakes that began last, in order; some of them may have ended.
  private var recent = RingBuffer<(at: Instant, connection: ConnectionID)>()

  /// An empty queue.
  package init() {}

  /// A connection became ready before its handshake was complete: its next step is queued.
  package mutating func becameReady(_ connection: ConnectionID) {
    guard queued.insert(connection).inserted else { return }
    if underWay.contains(connection) { begun.append(connection) } else { waiting.append(connection) }
  }

  /// Takes out the connection whose handshake takes the next step; nil if none does now.
  package mutating func next(now: Instant) -> ConnectionID? {
    while let connection = begun.popFirst() {
      if queued.remove(connection) != nil { return connection }
    }
    while let first = recent.first, !counts(first, now) { recent.popFirst() }
    guard recent.count < Self.underWayMaximum else { return nil }
    while let connection = waiting.popFirst() {
      guard queued.remove(connection) != nil else { continue }
      underWay.insert(connection)
      recent.append((now, connection))
      return connection
    }
    return nil
  }

  private func counts(_ handshake: (at: Instant, connection: ConnectionID), _ now: Instant) -> Bool {
    underWay.contains(handshake.connection) && handshake.at.advanced(by: Self.countedTime) > now
  }

  /// A handshake is complete, or its connection is gone.
  package mutating func ended(_ connection: ConnectionID) {
    queued.remove(connection)
    underWay.remove(connection)
  }

  /// When to take further steps; nil if no connection waits. That is in the next turn, or, while all handshakes that
  /// count wait for their clients, when the first of them may no longer count.
  package func deadline(now: Instant) -> Instant? {
    guard !queued.isEmpty else { return nil }
    let isFull = begun.isEmpty && recent.count >= Self.underWayMaximum
    return isFull ? now.advanced(by: Self.patience) : now
  }
}
