import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport

/// One run of many clients on one loop: connects them, measures for a while, and compares what they received with
/// what they should have.
///
/// The compared period lies between two quiet moments, in which Redis counts nothing: so every client that stayed
/// must have received the same amount, however its server divided it. Only a run that writes into Redis itself has
/// such moments; any other only measures.
final class LoadRun: ReadinessHandler {
  enum Stage: Equatable {
    /// The clients connect.
    case connecting
    /// All are connected and nothing happens: the server's memory settles.
    case idle
    /// Redis is asked for its total before the measurement.
    case marking
    case measuring
    /// Redis is asked for its total after the measurement.
    case counting
    /// The last events are on their way; clients that held back read again.
    case draining
    /// All clients are disconnected.
    case closed

    /// Whether clients may still hold back.
    var isBeforeEnd: Bool { [.connecting, .idle, .marking, .measuring].contains(self) }
  }

  let options: LoadOptions
  let loop: EventLoop
  let host: String
  let resolver: Resolver
  /// Rotates the addresses of a name, as name servers do for one user after the other.
  var rotation = 0
  let sources: [SocketAddress]
  let tls: (context: TLSContext, name: ServerName)?
  let request: [UInt8]
  let finished: (Result<LoadReport, RunFailure>) -> Void
  var clients: [LoadClient]
  var report: LoadReport
  var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
  private(set) var feed: ScoreFeed?

  // Written only by LoadRun+Stages.swift.
  var stage = Stage.connecting
  var stageSince: Instant
  var lastProgressAt: Instant
  var connects: Pace
  var nextToConnect = 0
  var disturbances = Disturbances()
  /// How many passing clients have come and gone.
  var passed = 0
  var totalBefore: UInt64?
  /// The number of scores between the two moments.
  var expected: UInt64?
  var before: [ProcessSample] = []
  var idle: [ProcessSample] = []
  var start: [ProcessSample] = []
  var ownStart = ProcessSample()
  /// When the clients' number of events last increased.
  var lastEvents: (count: UInt64, at: Instant)

  /// - Parameter finished: called once with the result.
  init(
    _ options: LoadOptions, on loop: EventLoop, finished: @escaping (Result<LoadReport, RunFailure>) -> Void
  ) throws {
    self.options = options
    self.loop = loop
    self.finished = finished
    let endpoint = options.target.endpoint
    host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
    resolver = try Resolver(on: loop)
    sources = try Self.sources(options, towards: SocketAddress(numericHost: host, port: endpoint.port))
    tls = options.target.isTLS ? try Self.security(options) : nil
    request = options.target.request()
    clients = options.counts.roles.map {
      LoadClient(
        role: $0, content: options.target.content, streamCount: options.http2Streams ?? 1)
    }
    report = LoadReport(
      target: options.target.description, counts: options.counts, streamsPerClient: options.http2Streams)
    connects = Pace(rate: options.connectRate, from: loop.now)
    stageSince = loop.now
    lastProgressAt = loop.now
    lastEvents = (0, loop.now)
    if let url = options.redisURL {
      feed = try ScoreFeed(url, topic: options.target.topic, loop: loop) { [weak self] in self?.fail($0) }
    }
    before = try samples()
    turn()
  }

  /// The source addresses of the clients; empty if the kernel chooses.
  private static func sources(_ options: LoadOptions, towards address: SocketAddress?) throws
    -> [SocketAddress]
  {
    guard let address, address.isLocal, address.family == .ipv4 else {
      guard let count = options.addresses else { return [] }
      throw ConfigurationError("addresses", "is \(count), which only a server on 127.0.0.0/8 allows")
    }
    let count = options.addresses ?? max(1, (options.counts.clients + 4_999) / 5_000)
    guard count > 1 else { return [] }
    return (1...count).compactMap { SocketAddress(numericHost: "127.0.\($0 / 250).\($0 % 250 + 1)", port: 0) }
  }

  private static func security(_ options: LoadOptions) throws -> (TLSContext, ServerName) {
    guard let name = ServerName(options.target.endpoint.host) else {
      throw ConfigurationError("url", "names a host that no certificate can contain")
    }
    return try ConfigurationError.naming("authority") {
      (
        try TLSContext.client(
          authority: options.authority.map { .file($0) } ?? .systemStore,
          alpn: options.http2Streams == nil ? [] : ["h2"]), name
      )
    }
  }

  func samples() throws -> [ProcessSample] {
    try options.processes.map { process in
      guard let sample = ProcessSample.read(of: process) else {
        throw ConfigurationError("pid", "names \(process), which /proc does not show")
      }
      return sample
    }
  }
}

/// Why a run could not be performed.
struct RunFailure: Error, Sendable, CustomStringConvertible {
  /// The reason in words.
  let description: String
}
