import Synchronization

/// The keys under which a server hands its clients what it would otherwise have to remember of their sessions
/// (session tickets, RFC 5077 and RFC 8446, section 4.6.1).
///
/// The newest key seals; the two before it still open. All workers share one object, and so do all contexts
/// that one process makes for the same service: a client's ticket then outlives a new certificate. Keys are
/// random, never leave the process, and are wiped once two others followed; so whoever gets hold of the
/// process's memory later cannot read what was said in sessions of TLS 1.2 long over.
public final class TicketKeys: Sendable {
  /// How often ``rotate()`` should be called.
  public static let rotationPeriod = Duration.seconds(3_600)

  /// How long a ticket can be used: what is left of the last key's time when the ticket was made in the last
  /// moment of its key's own.
  public static let ticketLifetime = rotationPeriod * (maximumCount - 1)

  private static let maximumCount = 3

  /// The newest first; never empty.
  private let keys: Mutex<[TicketKey]>

  /// A first key.
  ///
  /// - Throws: if the system gives no random bytes.
  public init() throws(TLSFailure) {
    keys = Mutex([try TicketKey()])
  }

  /// Begins to seal with a new key, and forgets the oldest if there were three. Any thread may call this.
  ///
  /// - Throws: if the system gives no random bytes; the keys then stay as they are.
  public func rotate() throws(TLSFailure) {
    let key = try TicketKey()
    keys.withLock { $0 = [key] + $0.prefix(Self.maximumCount - 1) }
  }

  /// The key that seals.
  var newest: TicketKey { keys.withLock { $0[0] } }

  /// The key that sealed a ticket, by the 16 bytes with which it begins; nil if it is forgotten or not ours.
  func key(named name: UnsafePointer<UInt8>) -> (key: TicketKey, isNewest: Bool)? {
    let keys = keys.withLock { $0 }
    guard let index = keys.firstIndex(where: { unsafe $0.hasName(name) }) else { return nil }
    return (keys[index], index == 0)
  }
}
