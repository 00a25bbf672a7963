import Primitives

/// A promise, and its measurement.
struct Experiment: Sendable {
  /// The word that selects it.
  let name: String
  /// The promise in words.
  let promise: String
  /// The unit of the figure.
  let unit: String
  /// The limit of the figure.
  let limit: Double
  /// The limit over TLS, if it differs.
  var limitOverTLS: Double?
  /// Whether only the first turn is meaningful.
  var isOnce = false
  /// Performs one turn.
  let measure: @Sendable (Workbench) throws -> PairedSeries.Pair

  /// All experiments; the one that needs fresh memory comes first.
  static let all: [Experiment] = [
    memory, eps(clients: 500), eps(clients: 5_000), http2, multiplexed, rawShare, rawFlood, stalled, storm,
    resumption, full,
  ]

  /// An edge that has had as many clients before already holds the memory.
  private static let memory = Experiment(
    name: "memory",
    promise: "memory of an idle client, 10,000 of them, 500 connecting per second", unit: "KiB",
    limit: 0.5,
    limitOverTLS: 16, isOnce: true
  ) { bench in
    let run = try bench.edge("eps", clients: 10_000) { options in
      options.probes = 0
      options.seconds = 1
      // Many handshakes at once need memory that the allocator keeps, which is not measured here.
      options.connectRate = 500
    }
    return PairedSeries.Pair(ours: (run.memoryPerClient ?? .nan) / 1024, reference: nil, isExact: run.isGood)
  }

  private static func eps(clients: Int) -> Experiment {
    Experiment(
      name: "eps-\(clients)",
      promise: "eps, \(clients) clients, 300 scores/s: CPU per event, relative to the bare loop",
      unit: "µs", limit: 1.1
    ) { bench in
      let run = try bench.edge("eps", clients: clients, rate: 300)
      let floor = try bench.floor(like: run)
      return PairedSeries.Pair(
        ours: run.cpuPerEvent ?? .nan, reference: floor.cpuPerEvent, isExact: run.isGood)
    }
  }

  private static let http2 = Experiment(
    name: "http2",
    promise: "eps, 500 clients with one stream over HTTP/2 each: CPU per event, relative to HTTP/1.1",
    // Over TLS an edge seals the records of HTTP/1.1 itself, which is cheaper, and leaves those of HTTP/2 to OpenSSL.
    unit: "µs", limit: 1.15, limitOverTLS: 1.5
  ) { try multiplexing(clients: 500, streams: 1, $0) }

  private static let multiplexed = Experiment(
    name: "http2-100",
    promise:
      "eps, 50 clients with 100 streams over HTTP/2 each: CPU per event, relative to 5,000 of HTTP/1.1",
    unit: "µs", limit: 0.2
  ) { try multiplexing(clients: 50, streams: 100, $0) }

  private static func multiplexing(
    clients: Int, streams: Int, _ bench: Workbench
  ) throws -> PairedSeries.Pair {
    let run = try bench.edge("eps", clients: clients, rate: 300) { $0.http2Streams = streams }
    let other = try bench.edge("eps", clients: clients * streams, rate: 300)
    return PairedSeries.Pair(
      ours: run.cpuPerEvent ?? .nan, reference: other.cpuPerEvent, isExact: run.isGood && other.isGood)
  }

  private static let rawShare = Experiment(
    name: "raw-2000", promise: "raw, 500 clients, 2,000 scores/s: CPU per event, relative to eps", unit: "µs",
    limit: 0.15
  ) { bench in
    let raw = try bench.edge("raw", clients: 500, rate: 2_000)
    let eps = try bench.edge("eps", clients: 500, rate: 300)
    return PairedSeries.Pair(
      ours: raw.cpuPerEvent ?? .nan, reference: eps.cpuPerEvent, isExact: raw.isGood && eps.isGood)
  }

  private static let rawFlood = Experiment(
    name: "raw-20000", promise: "raw, 500 clients, 20,000 scores/s: p99 latency", unit: "ms", limit: 30
  ) { bench in
    let run = try bench.edge("raw", clients: 500, rate: 20_000)
    return PairedSeries.Pair(ours: run.latencyHigh, reference: nil, isExact: run.isGood)
  }

  private static let stalled = Experiment(
    name: "stalled",
    promise: "eps, 5,000 clients of which 500 read nothing: p99 latency, relative to that without",
    unit: "ms", limit: 1.1
  ) { bench in
    let hindered = try bench.edge("eps", clients: 5_000, rate: 300) { $0.counts.stalled = 500 }
    let free = try bench.edge("eps", clients: 5_000, rate: 300)
    return PairedSeries.Pair(latencyOf: hindered, by: free)
  }

  private static let storm = Experiment(
    name: "storm",
    promise:
      "eps, 2,500 clients of which 2,000 reconnect at once: p99 latency of the others, relative to that without",
    unit: "ms", limit: 2
  ) { try besidesCrowd(of: "eps", $0) }

  private static let resumption = Experiment(
    name: "resume",
    promise:
      "eps, 2,500 clients of which 2,000 reconnect and resume at once: p99 latency of the others, relative to that without",
    unit: "ms", limit: 2
  ) { try besidesCrowd(of: "eps?resume=1", $0) }

  private static func besidesCrowd(of stream: String, _ bench: Workbench) throws -> PairedSeries.Pair {
    let stormy = try bench.edge("eps", clients: 500, rate: 300, besides: 2_000, of: stream, storming: true)
    let calm = try bench.edge("eps", clients: 500, rate: 300, besides: 2_000, of: stream, storming: false)
    return PairedSeries.Pair(latencyOf: stormy, by: calm)
  }

  private static let full = Experiment(
    name: "full", promise: "eps, 19,000 clients: share of them that could not connect or were lost", unit: "",
    limit: 0
  ) { bench in
    let run = try bench.edge("eps", clients: 19_000, rate: 300)
    let missing = Double(run.counts.clients - run.streaming + run.lost) / Double(run.counts.clients)
    return PairedSeries.Pair(ours: missing, reference: nil, isExact: run.isGood)
  }
}

extension PairedSeries.Pair {
  /// The 99th percentiles of the latencies of two runs.
  fileprivate init(latencyOf run: LoadReport, by other: LoadReport) {
    self.init(ours: run.latencyHigh, reference: other.latencyHigh, isExact: run.isGood && other.isGood)
  }
}

extension LoadReport {
  /// The 99th percentile of the latency, in milliseconds.
  fileprivate var latencyHigh: Double { Double(latency.quantile(0.99)) / 1000 }
}
