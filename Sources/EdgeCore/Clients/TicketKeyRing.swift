import Primitives
import Wire

/// The keys of session tickets that an edge knows, and which of them seals.
///
/// A key of a hub is known to all its edges, so that a client can resume its session at any of them. The newest key of
/// the first linked hub seals; without a link that of a hub that was linked, for its time; and without any an own one.
/// Every key opens the tickets that were sealed with it until they end, also after its hub is gone or has restarted.
///
/// `Key` is the driver's key.
package struct TicketKeyRing<Key> {
  /// The most keys of one hub: those of a hub that restarts again and again replace each other.
  static var keysPerHub: Int { 8 }

  private struct Entry {
    let name: [UInt8]
    let key: Key
    /// The hub that made it; nil for the edge itself.
    let hub: Int?
    /// Whether it is the newest key of its maker.
    var isNewest: Bool
    /// Until when it opens tickets.
    var end: Instant

    /// Whether a ticket that is sealed now can be opened for all of its life.
    func canSeal(at now: Instant) -> Bool {
      isNewest && now.advanced(by: SharedTicketKeys.ticketLifetime) <= end
    }
  }

  private var entries: [Entry] = []
  private var linked: Set<Int> = []

  /// A ring with one own key.
  package init(_ key: Key, now: Instant) { add(key, now: now) }

  /// Adds an own key, which replaces the one before it.
  private mutating func add(_ key: Key, now: Instant) {
    for index in entries.indices where entries[index].hub == nil { entries[index].isNewest = false }
    entries.append(
      Entry(
        name: [], key: key, hub: nil, isNewest: true,
        end: now.advanced(by: SharedTicketKeys.sealingPeriod + SharedTicketKeys.ticketLifetime)
      ))
  }

  /// A hub told its keys, the newest first.
  ///
  /// - Parameters:
  ///   - keys: for each its name, and for how long it still opens tickets.
  ///   - make: makes a key that is not known yet.
  package mutating func told(
    _ keys: [(name: [UInt8], lifetime: Duration)], by hub: Int, now: Instant, make: (Int) -> Key
  ) {
    linked.insert(hub)
    for index in entries.indices where entries[index].hub == hub { entries[index].isNewest = false }
    for (place, told) in keys.enumerated() {
      let end = now.advanced(by: told.lifetime)
      if let known = entries.firstIndex(where: { $0.hub == hub && $0.name == told.name }) {
        entries[known].isNewest = place == 0
        entries[known].end = end
      } else {
        entries.append(
          Entry(name: told.name, key: make(place), hub: hub, isNewest: place == 0, end: end))
      }
    }
    let own = entries.indices.filter { entries[$0].hub == hub }.sorted { entries[$0].end > entries[$1].end }
    for index in own.dropFirst(Self.keysPerHub).sorted(by: >) { entries.remove(at: index) }
  }

  /// The link to a hub has ended. Its keys remain for their time.
  package mutating func linkEnded(to hub: Int) { linked.remove(hub) }

  /// Time has passed: to be called every second. Forgets keys, and makes a new own one once an hour.
  ///
  /// - Returns: whether ``keys(at:)`` may have changed.
  package mutating func timePassed(now: Instant, make: () -> Key?) -> Bool {
    let count = entries.count
    entries.removeAll { $0.end <= now }
    let ownSeals = entries.contains { $0.hub == nil && $0.canSeal(at: now) }
    if !ownSeals, let key = make() { add(key, now: now) }
    return entries.count != count || !ownSeals
  }

  /// All keys that open tickets; the first one seals.
  package func keys(at now: Instant) -> [Key] {
    let order = entries.sorted { rank($0, now) < rank($1, now) }
    return order.map(\.key)
  }

  /// The hub whose key seals; nil for an own key.
  package func sealingHub(at now: Instant) -> Int? {
    entries.min { rank($0, now) < rank($1, now) }?.hub
  }

  /// Lower is better for sealing.
  private func rank(_ entry: Entry, _ now: Instant) -> Int {
    guard entry.canSeal(at: now) else { return .max }
    guard let hub = entry.hub else { return .max - 1 }
    return linked.contains(hub) ? hub : hub + (1 << 32)
  }
}
