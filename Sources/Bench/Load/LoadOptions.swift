import Redis

/// The options of a run.
struct LoadOptions: Sendable {
  var target: TargetURL
  var counts = ClientCounts()
  /// How many streams each client has on a connection of HTTP/2; nil for one over HTTP/1.1.
  var http2Streams: Int?
  /// The duration of the measurement, in seconds.
  var seconds = 10
  /// How many clients connect per second.
  var connectRate = 2_000
  /// The number of source addresses in 127.0.0.0/8; nil for one per 5,000 clients.
  var addresses: Int?
  /// The authority of accepted certificates, as a PEM file; nil for those that the machine trusts.
  var authority: String?
  /// How many bytes a second a slow client reads.
  var slowRate = 1_000
  /// The Redis that feeds the server; nil to leave it alone.
  var redisURL: RedisURL?
  /// Whether that Redis feeds the server, so that its total is what clients must receive.
  var isFed = true
  /// How many scores a second this run writes into that Redis.
  var rate = 0
  /// How many probes a second it writes, to measure the latency.
  var probes = 10
  /// Whether the start of the measurement is announced on standard error even without a terminal.
  var announces = false
  /// The processes whose cost is measured.
  var processes: [Int32] = []

  init(target: TargetURL) { self.target = target }
}
