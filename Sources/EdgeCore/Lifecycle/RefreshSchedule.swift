import Primitives

/// When clients are asked to reconnect, if the operator limits the age of streams.
///
/// Each client's limit is up to a fifth more or less than configured, so that clients that came in a wave do not
/// return in one. The schedule takes 8 bytes for each client, and checks only clients whose second has come.
package struct RefreshSchedule: Sendable {
  private var clientsBySecond: [UInt64: [ClientID]] = [:]
  private var nextSecond: UInt64

  /// A schedule without clients.
  package init(now: Instant) { nextSecond = Self.second(of: now) }

  /// A client joined.
  ///
  /// - Parameter age: the mean age at which a client is due.
  package mutating func clientJoined(
    _ client: ClientID, age: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let span = UInt64(clamping: age.wholeNanoseconds)
    let delay = UInt64.random(in: span - span / 5...span + span / 5, using: &random)
    let due = now.advanced(by: .nanoseconds(Int64(clamping: delay)))
    clientsBySecond[max(Self.second(of: due), nextSecond), default: []].append(client)
  }

  /// Takes out the clients whose time has come. Some of them may have left by themselves.
  package mutating func takeDue(now: Instant) -> [ClientID] {
    var due: [ClientID] = []
    let end = Self.second(of: now)
    while nextSecond < end {
      due += clientsBySecond.removeValue(forKey: nextSecond) ?? []
      nextSecond += 1
    }
    return due
  }

  /// Forgets all clients.
  package mutating func removeAll() { clientsBySecond = [:] }

  private static func second(of instant: Instant) -> UInt64 { instant.nanoseconds / 1_000_000_000 }
}
