/// Decides when the heap is worth trimming: after a storm of TLS sessions that were handed over, whose freed objects leave
/// holes that only other handshakes could use.
///
/// During the storm the objects come and go, so it waits until nearly no session is handed over any more.
package struct HeapTrimming: Sendable {
  /// After this many sessions, some megabytes, the heap is worth trimming.
  static let sessionsMinimum: UInt64 = 256
  /// A storm is over when fewer sessions than these are handed over in a second.
  static let calm: UInt64 = 16

  private var atTrim: UInt64 = 0
  private var atLastSecond: UInt64 = 0

  /// Nothing was handed over.
  package init() {}

  /// A second has passed.
  ///
  /// - Parameter handedOver: the sessions of the process that were handed over since its start.
  /// - Returns: whether to trim the heap now.
  package mutating func secondPassed(handedOver: UInt64) -> Bool {
    defer { atLastSecond = handedOver }
    guard handedOver - atLastSecond < Self.calm, handedOver - atTrim >= Self.sessionsMinimum else {
      return false
    }
    atTrim = handedOver
    return true
  }
}
