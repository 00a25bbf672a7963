import EdgeCore
import Logging
import Primitives
import Synchronization
import TLS
import Wire

/// The session tickets of TLS clients: passes the hubs' keys and own ones to the contexts of all workers. Called on the
/// thread of the links.
final class SessionTickets: Sendable {
  /// The keys, as contexts use them.
  let inUse: TicketKeys
  private let ring: Mutex<TicketKeyRing<TicketKey>>

  /// - Throws: if the system gives no random bytes.
  init(now: Instant) throws {
    let key = try TicketKey()
    inUse = TicketKeys([key])
    ring = Mutex(TicketKeyRing(key, now: now))
  }

  /// A hub told its keys.
  func received(_ shared: SharedTicketKeys, from hub: Int, now: Instant, _ logger: Logger) {
    change(now, logger) { ring in
      ring.told(
        shared.keys.map {
          (Array($0.secret.prefix(TicketKey.nameCount)), .seconds($0.lifetimeSeconds))
        }, by: hub, now: now
      ) { TicketKey(secret: shared.keys[$0].secret) }
      return true
    }
  }

  /// The link to a hub has ended.
  func lost(_ hub: Int, now: Instant, _ logger: Logger) {
    change(now, logger) { ring in
      ring.linkEnded(to: hub)
      return true
    }
  }

  /// A second has passed.
  func secondPassed(now: Instant, _ logger: Logger) {
    change(now, logger) { ring in
      ring.timePassed(now: now) {
        do { return try TicketKey() } catch {
          logger.error("there is no new key for session tickets", metadata: ["reason": "\(error)"])
          return nil
        }
      }
    }
  }

  private func change(
    _ now: Instant, _ logger: Logger, _ body: (inout TicketKeyRing<TicketKey>) -> Bool
  ) {
    ring.withLock { ring in
      let before = ring.sealingHub(at: now)
      guard body(&ring) else { return }
      inUse.use(ring.keys(at: now))
      let after = ring.sealingHub(at: now)
      guard after != before else { return }
      logger.info(
        "session tickets are sealed with another maker's key",
        metadata: ["maker": "\(after.map { "hub \($0 + 1) of the list" } ?? "this edge")"])
    }
  }
}
