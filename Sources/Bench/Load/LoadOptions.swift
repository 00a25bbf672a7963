import Redis

/// What a run is to do.
struct LoadOptions: Sendable {
  var target: TargetURL
  var counts = ClientCounts()
  /// How long it measures, in seconds.
  var seconds = 10
  /// How many clients connect in a second.
  var connectRate = 2_000
  /// From how many addresses of 127.0.0.0/8 they come; nil for one for each 5,000.
  var addresses: Int?
  /// Whose certificates are accepted, as a PEM file; nil for those that the machine trusts.
  var authority: String?
  /// How many bytes a second a slow client reads.
  var slowRate = 1_000
  /// The Redis that feeds the server; nil if it is not to be touched.
  var redisURL: RedisURL?
  /// Whether that Redis does feed the server, so that it can tell what clients had to get.
  var isFed = true
  /// How many scores a second this run itself writes into that Redis.
  var rate = 0
  /// How many probes a second it writes, to measure how long they travel.
  var probes = 10
  /// Whether it says on the standard error when it begins to measure, where no terminal shows that anyway.
  var announces = false
  /// The processes whose cost is measured.
  var processes: [Int32] = []

  init(target: TargetURL) { self.target = target }
}
