public import Primitives

/// Whose handshake takes its next step, and when.
///
/// A handshake costs a thousand times what an event costs. So handshakes wait in a queue, and each turn runs a few of
/// them after its delivery: a storm of reconnecting clients does not delay the clients that are connected. Handshakes
/// that have begun go first. One in progress holds some 45 KB, one that waits for its beginning almost nothing.
public struct HandshakeQueue: Sendable {
  /// So many handshakes are under way at once, which bounds what they hold: about 12 MB.
  static let underWayMaximum = 256
  /// One that has taken so long no longer counts: a client that lets us wait must not keep others out.
  static let countedTime = Duration.milliseconds(250)
  /// So many steps of handshakes are taken in a turn: about two milliseconds.
  public static let stepsPerTurn = 8
  /// How soon to look again where all that count let us wait.
  static let patience = Duration.milliseconds(10)

  /// Those that have begun and have a next step, in order.
  private var begun = RingBuffer<ConnectionID>()
  /// Those that are to begin, in order.
  private var waiting = RingBuffer<ConnectionID>()
  /// Those that are in one of the two.
  private var queued: Set<ConnectionID> = []
  /// Those that have begun and not ended.
  private var underWay: Set<ConnectionID> = []
  /// Those that began of late, in order; some in the middle may have ended.
  private var recent = RingBuffer<(at: Instant, connection: ConnectionID)>()

  /// Nobody waits.
  public init() {}

  /// A connection whose handshake is not complete became ready: its next step waits for its turn.
  public mutating func becameReady(_ connection: ConnectionID) {
    guard queued.insert(connection).inserted else { return }
    if underWay.contains(connection) { begun.append(connection) } else { waiting.append(connection) }
  }

  /// Takes out the one that takes its next step; nil if none does now.
  public mutating func next(now: Instant) -> ConnectionID? {
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

  /// A handshake is complete, or the connection is gone.
  public mutating func ended(_ connection: ConnectionID) {
    queued.remove(connection)
    underWay.remove(connection)
  }

  /// When to take further steps; nil if nobody waits. With the next turn, or, where all that count let us wait, when the first
  /// of them may no longer count.
  public func deadline(now: Instant) -> Instant? {
    guard !queued.isEmpty else { return nil }
    let isFull = begun.isEmpty && recent.count >= Self.underWayMaximum
    return isFull ? now.advanced(by: Self.patience) : now
  }
}
