import EdgeCore
import Primitives

/// What a worker is told by the link's thread or by another worker. Everything in it is immutable.
enum WorkerMessage: Sendable {
  /// New entries of streams, in order, and when the hub flushed the oldest of the scores among them.
  case updates([StreamUpdate], hubFlushedAt: Instant?)
  /// Clients that wait for it get these first bytes, and then the updates that follow; nil if there is no room.
  case opened([OpeningClient], SharedBytes?)
  /// Clients that wait for the first bytes of their streams get the head alone.
  case admitted([OpeningClient])
  /// How the link is doing.
  case linkHealth(LinkHealth)
  /// Add your part; whoever adds the last one hands the whole back.
  case contribute(to: Collection)
  /// The parts that this worker asked for are complete.
  case collected(Collection)
  /// Let so many clients go over a window.
  case shed(Int, window: Duration)
  /// A drain begins with its announcement, and has let nobody go yet.
  case announced
  /// Take no new clients, and let all go over a window.
  case drain(window: Duration)
  /// The same, and say when it is done.
  case finish(window: Duration)
  /// Take clients again.
  case resume
  /// The operator changed something.
  case configure(Worker.Configuration)
  /// Close everything at once.
  case shutDown
}

/// What the link's thread is told by the workers.
enum LinkMessage: Sendable {
  /// A client came to a stream of which the link must know (``EdgeCore/StreamKind/concernsLink``).
  case joined(StreamKind)
  /// A client left such a stream.
  case left(StreamKind)
  /// A client that has joined waits for its first bytes.
  case requested(OpeningClient, Subscription)
  /// A client that waited for its first bytes is gone.
  case withdrawn(OpeningClient)
  /// The parts that the link asked for are complete.
  case collected(Collection)
  /// A worker has no clients left, and takes none.
  case workerFinished
  /// The process was asked to read its files again.
  case reload
  /// The process was asked to stop.
  case stop
}

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
