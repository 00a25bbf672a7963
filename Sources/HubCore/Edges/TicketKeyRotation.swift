import Primitives
import Wire

/// The keys of session tickets that a hub makes for its edges: a new one each hour. The two before it still open
/// tickets, as long as tickets live.
///
/// Each hub has keys of its own, and a restarted one begins with a new key. They are not stored anywhere.
package struct TicketKeyRotation: Sendable {
  /// How late a rotation may be without a time in which no key seals.
  private static let reserve = Duration.seconds(60)

  private struct Key {
    let secret: [UInt8]
    let madeAt: Instant
  }

  private var keys: [Key]

  /// A first key.
  ///
  /// - Parameter random: cryptographically secure.
  package init(now: Instant, random: inout some RandomNumberGenerator) {
    keys = [Self.key(now: now, random: &random)]
  }

  private static func key(now: Instant, random: inout some RandomNumberGenerator) -> Key {
    let words = (0..<SharedTicketKeys.Key.secretCount / 8).map { _ in
      UInt64.random(in: 0 ... .max, using: &random)
    }
    let secret = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    return Key(secret: secret, madeAt: now)
  }

  /// Makes a new key if the newest is an hour old; to be called every second.
  ///
  /// - Returns: whether the edges must be told.
  package mutating func rotateIfDue(now: Instant, random: inout some RandomNumberGenerator) -> Bool {
    guard keys[0].madeAt.advanced(by: SharedTicketKeys.sealingPeriod) <= now else { return false }
    keys.insert(Self.key(now: now, random: &random), at: 0)
    keys.removeLast(max(0, keys.count - SharedTicketKeys.maximumCount))
    return true
  }

  /// The keys, as edges are told.
  package func message(now: Instant) -> SharedTicketKeys {
    SharedTicketKeys(
      keys.map { key in
        let end = key.madeAt.advanced(
          by: SharedTicketKeys.sealingPeriod + Self.reserve + SharedTicketKeys.ticketLifetime)
        return SharedTicketKeys.Key(
          secret: key.secret, lifetimeSeconds: max(1, Int(now.duration(to: end).components.seconds)))
      })
  }
}
