import EdgeCore
import Primitives
import Wire

/// What a worker has done and holds at present, as plain numbers that add up over workers.
struct WorkerCounters: Sendable {
  /// Clients that stream over plain connections.
  var plain = StreamClients()
  /// Clients that stream over TLS.
  var secure = StreamClients()
  /// Clients that stream over HTTP/2, plain or TLS.
  var http2Streams = StreamClients()
  /// The connections, streams and resets of HTTP/2.
  var http2 = HTTP2Counters()
  /// Connections that do not stream: they wait for a request, or for its answer.
  var connectionsOther: UInt64 = 0
  var laggards: UInt64 = 0
  var accepted: UInt64 = 0
  var proxyHeadersRefused: UInt64 = 0
  var handshakes: UInt64 = 0
  var handshakesResumed: UInt64 = 0
  var handshakesFailed: UInt64 = 0
  /// TLS sessions whose records the edge seals itself.
  var sessionsHandedOver: UInt64 = 0
  /// Workers that send by io_uring.
  var rings: UInt64 = 0
  var refused: UInt64 = 0
  /// Clients that were released, with a time to reconnect.
  var released: UInt64 = 0
  /// The part of them that was released by the last drain or shed.
  var releasedOfLate: UInt64 = 0
  /// Clients that are still to be released.
  var releasing: UInt64 = 0
  var closed: [CloseReason: UInt64] = [:]
  var delivery = DeliveryCounters()
  var bytesSent: UInt64 = 0
  var times = DeliveryTimes()
  /// The durations of the loop's turns.
  var turns = DurationHistogram()
  /// How often the governor has halved the rate of `eps` at present, on the worker with the greatest number.
  var governorLevel: UInt64 = 0
  /// How often it halved the rate since the start.
  var governorSteps: UInt64 = 0
  /// The most clients of the edge.
  var clientsMaximum: UInt64 = 0
  /// The connections of all workers.
  var connectionsOpen: UInt64 = 0
  /// The most connections of the edge.
  var connectionsMaximum: UInt64 = 0
  /// Whether the edge is full, or was full a moment ago: see ``EdgeCore/ClientLimiter/isFull``.
  var isFull = false
  /// The number of open descriptors in the fullest of the workers' tables, because the limit applies to each table;
  /// nil if the kernel does not report it.
  var descriptorsOpen: UInt64?
  /// The longest turn since the last report.
  var longestTurnMicroseconds: UInt64 = 0

  /// The plain numbers above, with their metrics and the fields of the report. The sum over workers, `/metrics` and
  /// the reports to the hubs follow from this list; they are the only readers, so it costs the delivery nothing.
  static let figures: [WorkerFigure] = [
    .counter(
      \.accepted, "emojitrack_edge_connections_accepted_total", "Connections that were accepted.",
      field: .clientsAccepted),
    .counter(
      \.refused, "emojitrack_edge_clients_refused_total",
      "Clients that were rejected, because there was no room.",
      field: .clientsRefused),
    .counter(
      \.proxyHeadersRefused, "emojitrack_edge_proxy_headers_refused_total",
      "Connections without a proper PROXY header, or from a peer that is not trusted, where one is required."
    ),
    .gauge(
      \.connectionsOther, "emojitrack_edge_connections_other",
      "Connections that do not stream: handshakes and requests under way."),
    .gauge(
      \.clientsMaximum, "emojitrack_edge_clients_maximum", "The maximum number of clients.",
      adding: .maximum, field: .clientsMaximum),
    .gauge(
      \.connectionsOpen, "emojitrack_edge_connections_open", "Connections, whether they stream or not."),
    .gauge(
      \.connectionsMaximum, "emojitrack_edge_connections_maximum", "The maximum number of connections.",
      adding: .maximum),
    .gauge(
      \.laggards, "emojitrack_edge_clients_lagging",
      "Clients whose socket did not accept everything that was sent.", field: .clientsLagging),
    .counter(
      \.released, "emojitrack_edge_clients_released_total",
      "Clients that were released, with a time to reconnect.", field: .clientsReleased),
    .gauge(
      \.releasing, "emojitrack_edge_clients_releasing",
      "Clients that are still to be released."),
    .part(\.releasedOfLate),
    // Their metric is one with labels: see `EdgeMetrics`.
    .part(\.handshakes, field: .handshakes),
    .part(\.handshakesResumed, field: .handshakesResumed),
    .part(\.handshakesFailed, field: .handshakesFailed),
    .counter(
      \.sessionsHandedOver, "emojitrack_edge_tls_sessions_handed_over_total",
      "TLS sessions of streams whose records the edge seals itself (https.records)."),
    .gauge(
      \.rings, "emojitrack_edge_io_uring_workers", "Workers that send by io_uring (iouring.enabled)."),
    .counter(
      \.bytesSent, "emojitrack_edge_bytes_sent_total", "Bytes that clients' sockets accepted.",
      field: .bytesSent),
    .gauge(
      \.governorLevel, "emojitrack_edge_governor_level",
      "How many times the rate of eps is halved at present, because the edge lacks CPU time.",
      adding: .maximum,
      field: .governorLevel),
    .counter(
      \.governorSteps, "emojitrack_edge_governor_steps_total", "How often the rate of eps was halved."),
    .gauge(
      \.longestTurnMicroseconds, "emojitrack_edge_turn_longest_seconds",
      "The longest turn of any worker since the last report.", adding: .maximum, divisor: 1e6,
      field: .loopLagMaximumMicroseconds),
  ]

  /// All streaming clients.
  var streaming: StreamClients {
    var all = plain
    all.add(secure)
    all.add(http2Streams)
    return all
  }
  var clients: UInt64 { streaming.inAll }
  /// The streaming clients that have a connection each.
  var http1Clients: UInt64 { plain.inAll + secure.inAll }
  var closedInAll: UInt64 { closed.values.reduce(0, +) }

  /// Adds the counters of another worker.
  mutating func add(_ other: WorkerCounters) {
    for figure in Self.figures { figure.add(other, to: &self) }
    plain.add(other.plain)
    secure.add(other.secure)
    http2Streams.add(other.http2Streams)
    http2.add(other.http2)
    closed.merge(other.closed, uniquingKeysWith: +)
    delivery.add(other.delivery)
    times.add(other.times)
    turns.add(other.turns)
    isFull = isFull || other.isFull
    descriptorsOpen = [descriptorsOpen, other.descriptorsOpen].compactMap(\.self).max()
  }
}
