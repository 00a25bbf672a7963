import Synchronization

/// The keys of session tickets, with which a server lets its clients keep the state of their sessions (RFC 5077 and
/// RFC 8446, section 4.6.1).
///
/// The newest key seals; the two before it still open. All workers share one object, and so do all contexts of one
/// process for the same service: a client's ticket then outlives a new certificate. Keys are random, never leave the
/// process, and are wiped once two newer ones exist; so a later copy of the process's memory cannot decrypt old
/// sessions of TLS 1.2.
package final class TicketKeys: Sendable {
  /// How often ``rotate()`` should be called.
  package static let rotationPeriod = Duration.seconds(3_600)

  /// The lifetime of a ticket: for that long a key still opens tickets after the next key has replaced it.
  package static let ticketLifetime = rotationPeriod * (maximumCount - 1)

  private static let maximumCount = 3

  /// The newest key first; never empty.
  private let keys: Mutex<[TicketKey]>

  /// A first key.
  ///
  /// - Throws: if the system gives no random bytes.
  package init() throws(TLSFailure) {
    keys = Mutex([try TicketKey()])
  }

  /// Adds a new key for sealing, and wipes the oldest if there were three. Thread-safe.
  ///
  /// - Throws: if the system gives no random bytes; the keys then stay as they are.
  package func rotate() throws(TLSFailure) {
    let key = try TicketKey()
    keys.withLock { $0 = [key] + $0.prefix(Self.maximumCount - 1) }
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
