import EdgeCore
import Primitives

/// The state of the links to the hubs, as the workers know it.
struct LinkHealth: Sendable {
  /// Whether clients are sent what Redis holds at present.
  var isFresh = false
  /// Since when that is not so: since the last flush or sign of life of a hub. Nil while it is so.
  var staleSince: Instant?
  /// Whether any hub has sent its welcome.
  var isLive = false
  /// The interval of the hubs' flushes; zero before the first welcome.
  var tickInterval = Duration.zero
  /// The position of the edge's totals.
  var position: UInt64 = 0
  /// The state of each link, in the order of the setting.
  var hubs: [HubHealth] = []
  /// The number of topics that the hubs are asked for.
  var topics = 0
  /// How often excess that clients had been sent was taken back.
  var corrections: UInt64 = 0
  /// The probe's account of deliveries.
  var ledger = DeliveryAudit()
  /// Whether the edge rejects new clients and releases its own, or will do so soon.
  var isDraining = false
  /// Whether a drain is only announced, so that clients are still accepted.
  var isDrainAnnounced = false
  /// When the edge's certificates expire, in seconds since 1970, by the peers that they are shown to.
  var certificateEnds: [(shownTo: String, unixSeconds: Int64)] = []
  /// Whether the link's certificate and authority are valid at present; if not, no hub can be expected to accept the
  /// edge.
  var isCertificateValid = true
  /// The process's memory; nil without a limit.
  var memory: MemoryHealth?
  /// The durations of the turns of the link's loop.
  var turns = DurationHistogram()
}
