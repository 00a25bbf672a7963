import EdgeCore
import Primitives

/// How the links to the hubs are doing, as the workers see it.
struct LinkHealth: Sendable {
  /// Whether what clients are sent is what Redis holds at present.
  var isFresh = false
  /// Since when it is not, as far as is known: since the last flush or sign of life of a hub. Nil while it is.
  var staleSince: Instant?
  /// Whether any hub has welcomed us.
  var isLive = false
  /// How far apart the hubs' flushes are; zero before any hub has said so.
  var tickInterval = Duration.zero
  /// The position of the edge's totals.
  var position: UInt64 = 0
  /// Each hub in its place.
  var hubs: [HubHealth] = []
  /// How many topics the hubs are asked for.
  var topics = 0
  /// How often something was taken back that clients had been told too much.
  var corrections: UInt64 = 0
  /// The books of the probe.
  var ledger = DeliveryLedger()
  /// Whether the edge takes no clients and lets its own go, or will before long.
  var isDraining = false
  /// Whether it still takes clients, and has only said that it will not.
  var isDrainAnnounced = false
  /// When the certificates that are shown end, in seconds since 1970, by who is shown them.
  var certificateEnds: [(shownTo: String, unixSeconds: Int64)] = []
  /// Whether what is shown to hubs, and the authority, are valid at present; if not, no hub can be expected to welcome us.
  var isCertificateValid = true
  /// How long the turns of the link's own loop took.
  var turns = DurationHistogram()
}
