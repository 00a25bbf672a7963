import Synchronization

/// The keys of session tickets, with which a server lets its clients keep the state of their sessions (RFC 5077 and
/// RFC 8446, section 4.6.1).
///
/// The first key seals; all of them open. All workers share one object, and so do all contexts of one process for the
/// same service: a client's ticket then outlives a new certificate. A key is wiped once it is no longer among them; so a
/// later copy of the process's memory cannot decrypt old sessions of TLS 1.2.
package final class TicketKeys: Sendable {
  /// How long a client may use a ticket. A key must open tickets for that long after it has sealed the last one.
  package static let ticketLifetime = Duration.seconds(7_200)

  /// The sealing key first; never empty.
  private let keys: Mutex<[TicketKey]>

  /// - Parameter keys: at least one; the first one seals.
  package init(_ keys: [TicketKey]) {
    precondition(!keys.isEmpty)
    self.keys = Mutex(keys)
  }

  /// Replaces the keys. Thread-safe.
  ///
  /// - Parameter keys: at least one; the first one seals.
  package func use(_ keys: [TicketKey]) {
    precondition(!keys.isEmpty)
    self.keys.withLock { $0 = keys }
  }

  /// The key that seals.
  var newest: TicketKey { keys.withLock { $0[0] } }

  /// The key with this 16-byte name, which begins a ticket; nil if it is forgotten or foreign.
  func key(named name: UnsafePointer<UInt8>) -> (key: TicketKey, isNewest: Bool)? {
    let keys = keys.withLock { $0 }
    guard let index = keys.firstIndex(where: { unsafe $0.hasName(name) }) else { return nil }
    return (keys[index], index == 0)
  }
}
