import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport

/// One run of many clients on one loop: connects them, measures for a while, and compares what they got with what there
/// was to get.
///
/// What is compared lies between two quiet moments, in which Redis counts nothing: so every client that stayed must have
/// got the same amount, however its server portioned it. Only a run that writes into Redis itself has such moments; any
/// other measures, and compares nothing.
final class LoadRun: ReadinessHandler {
  /// Where the run is.
  enum Stage: Equatable {
    /// The clients connect.
    case connecting
    /// All are connected, and nothing is done: the server's memory comes to rest.
    case idle
    /// Redis is asked for its total before.
    case marking
    case measuring
    /// Redis is asked for its total after.
    case counting
    /// The last events are on their way; who held back reads again.
    case draining
    /// All clients are gone.
    case closed

    /// Whether clients may still hold back.
    var isBeforeEnd: Bool { [.connecting, .idle, .marking, .measuring].contains(self) }
  }

  let options: LoadOptions
  let loop: EventLoop
  let address: SocketAddress
  let sources: [SocketAddress]
  let tls: (context: TLSContext, name: ServerName)?
  let request: [UInt8]
  let finished: (Result<LoadReport, RunFailure>) -> Void
  var clients: [LoadClient]
  var report: LoadReport
  var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
  private(set) var feed: ScoreFeed?

  // What LoadRun+Stages.swift alone writes.
  var stage = Stage.connecting
  var stageSince: Instant
  var lastProgressAt: Instant
  var connects: Pace
  var nextToConnect = 0
  var disturbances = Disturbances()
  /// How many clients have come and gone.
  var passed = 0
  var totalBefore: UInt64?
  /// How many scores there were between the two moments.
  var expected: UInt64?
  var before: [ProcessSample] = []
  var idle: [ProcessSample] = []
  var start: [ProcessSample] = []
  var ownStart = ProcessSample()
  /// When the clients' events last became more.
  var lastEvents: (count: UInt64, at: Instant)

  /// - Parameter finished: told the result, once.
  init(
    _ options: LoadOptions, on loop: EventLoop, finished: @escaping (Result<LoadReport, RunFailure>) -> Void
  ) throws {
    self.options = options
    self.loop = loop
    self.finished = finished
    let endpoint = options.target.endpoint
    let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
    guard let address = SocketAddress(numericHost: host, port: endpoint.port) else {
      throw ConfigurationError("url", "names no numeric address: '\(endpoint.host)'")
    }
    self.address = address
    sources = try Self.sources(options, towards: address)
    tls = options.target.isTLS ? try Self.security(options) : nil
    request = options.target.request()
    clients = options.counts.roles.map { LoadClient(role: $0, content: options.target.content) }
    report = LoadReport(target: options.target.description, counts: options.counts)
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

  /// Where the clients come from; nothing if the kernel is to choose.
  private static func sources(_ options: LoadOptions, towards address: SocketAddress) throws
    -> [SocketAddress]
  {
    guard address.isLocal, address.family == .ipv4 else {
      guard let count = options.addresses else { return [] }
      throw ConfigurationError("addresses", "is \(count), which only a server on 127.0.0.0/8 allows")
    }
    let count = options.addresses ?? max(1, (options.counts.clients + 4_999) / 5_000)
    guard count > 1 else { return [] }
    return (1...count).compactMap { SocketAddress(numericHost: "127.0.\($0 / 250).\($0 % 250 + 1)", port: 0) }
  }

  private static func security(_ options: LoadOptions) throws -> (TLSContext, ServerName) {
    guard let name = ServerName(options.target.endpoint.host) else {
      throw ConfigurationError("url", "names a host that no certificate can bear")
    }
    return try ConfigurationError.naming("authority") {
      (try TLSContext.client(authority: options.authority.map { .file($0) } ?? .systemStore), name)
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

/// Why a run could not be made.
struct RunFailure: Error, Sendable, CustomStringConvertible {
  /// What happened.
  let description: String
}
