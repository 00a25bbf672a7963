import Primitives

/// The deadlines of connections: for a head, a handshake, or the end of a response. A connection has one deadline at
/// a time, the one that was set last.
///
/// Setting a deadline appends it to a ring. A void one is dropped when the queue is next read. So a deadline costs no timer.
package struct DeadlineQueue: Sendable {
  /// A deadline.
  package struct Entry: Sendable {
    let at: Instant
    /// The connection with this deadline.
    package let connection: ConnectionID
    /// The deadline's number: see ``HTTP1Connection/isCurrent(_:)``.
    package let number: UInt32
  }

  private var entries = RingBuffer<Entry>()

  /// No deadlines.
  package init() {}

  /// Adds a deadline.
  package mutating func append(_ connection: ConnectionID, _ number: UInt32, at moment: Instant) {
    entries.append(Entry(at: moment, connection: connection, number: number))
  }

  /// Takes out the deadlines that have passed. The caller must check each again when it acts on it, because acting on
  /// one may make another void.
  ///
  /// - Parameter isCurrent: whether a deadline still counts.
  package mutating func takeDue(now: Instant, where isCurrent: (Entry) -> Bool) -> [Entry] {
    var due: [Entry] = []
    for _ in 0..<entries.count {
      guard let entry = entries.popFirst() else { break }
      guard isCurrent(entry) else { continue }
      if entry.at <= now { due.append(entry) } else { entries.append(entry) }
    }
    return due
  }
}
