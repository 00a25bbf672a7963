import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport
import Wire

/// One run with many linked edges, from the first link to the report.
final class LinksRun {
  private static let tick = Duration.milliseconds(20)
  private static let linkLimit = Duration.seconds(60)
  private static let idleTime = Duration.seconds(2)
  /// Until what was written has reached all edges.
  private static let settleLimit = Duration.seconds(5)

  private enum Stage { case linking, idle, measuring, settling }

  private let settings: Settings<LinksDeclaration>
  private let loop: EventLoop
  private let finished: (Result<LinksReport, RunFailure>) -> Void
  private var edges: [LinkedEdge] = []
  private var feed: ScoreFeed?
  private var stage = Stage.linking
  private var stageSince: Instant
  private var report = LinksReport()
  private var start = ProcessSample()

  init(
    _ settings: Settings<LinksDeclaration>, on loop: EventLoop,
    finished: @escaping (Result<LinksReport, RunFailure>) -> Void
  ) throws {
    self.settings = settings
    self.loop = loop
    self.finished = finished
    stageSince = loop.now
    report.before = try sample()
    edges = try makeEdges()
    if let url = settings.redisURL {
      feed = try ScoreFeed(url, topic: nil, loop: loop) { [weak self] in self?.fail($0) }
    }
    turn()
  }

  private func makeEdges() throws -> [LinkedEdge] {
    let (folder, hub) = (settings.certificates, settings.hub)
    guard let name = ServerName(hub.host), let version = SoftwareVersion(ServiceVersion.current) else {
      throw ConfigurationError("hub", "\(hub.host) is not a name that a certificate can have")
    }
    let network = try Network(on: loop)
    return try (1...settings.edges).map { number in
      try ConfigurationError.naming("certificates") {
        let identity = try Identity(
          certificateFile: "\(folder)/edge-\(number).pem", keyFile: "\(folder)/edge-\(number).key")
        let context = try TLSContext.linkClient(
          identity: identity, authority: "\(folder)/ca.pem", alpn: RelayProtocol.applicationProtocolName)
        guard let node = NodeName(identity.certificate.holder) else {
          throw ConfigurationError("certificates", "edge-\(number).pem does not name a node")
        }
        return LinkedEdge(
          node, to: .tcp(host: hub.host, port: hub.port), name: name, context: context,
          topics: settings.raw ? [.raw] : [], on: network, softwareVersion: version)
      }
    }
  }

  private func sample() throws -> ProcessSample {
    guard let sample = ProcessSample.read(of: settings.process) else {
      throw ConfigurationError("pid", "there is no process \(settings.process)")
    }
    return sample
  }

  // MARK: Stages

  private func turn() {
    let elapsed = stageSince.duration(to: loop.now)
    do {
      switch stage {
      case .linking: if edges.allSatisfy(\.isFresh) || elapsed > Self.linkLimit { try linked() }
      case .idle: if elapsed > Self.idleTime { try startMeasuring() }
      case .measuring: if elapsed > .seconds(settings.seconds) { try endMeasuring() }
      case .settling: if isSettled || elapsed > Self.settleLimit { return finish() }
      }
    } catch {
      return fail("\(error)")
    }
    loop.schedule(at: loop.now.advanced(by: Self.tick)) { [weak self] in self?.turn() }
  }

  private func enter(_ next: Stage) {
    stage = next
    stageSince = loop.now
  }

  private func linked() throws {
    report.linked = edges.count { $0.isFresh }
    guard report.linked > 0 else {
      throw RunFailure(description: "no edge could link: \(edges.first?.failure ?? "no answer")")
    }
    report.linking = stageSince.duration(to: loop.now)
    enter(.idle)
  }

  private func startMeasuring() throws {
    start = try sample()
    report.idle = start
    report.countedFrom(edges)
    feed?.start(rate: settings.rate, probesPerSecond: 0)
    enter(.measuring)
  }

  private func endMeasuring() throws {
    feed?.stop()
    report.measured = stageSince.duration(to: loop.now)
    report.end = try sample()
    report.counted(edges)
    report.written = feed?.written ?? 0
    enter(.settling)
  }

  /// Whether all edges are at the same position.
  private var isSettled: Bool { Set(edges.map(\.position)).count == 1 }

  private func finish() {
    report.positions = Set(edges.map(\.position)).count
    report.edges = edges.count
    report.lost = edges.count { !$0.isFresh }
    for edge in edges { edge.close() }
    finished(.success(report))
  }

  private func fail(_ reason: String) {
    for edge in edges { edge.close() }
    finished(.failure(RunFailure(description: reason)))
  }
}
