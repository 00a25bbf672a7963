import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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

  private static let tick = Duration.milliseconds(10)
  private static let connectLimit = Duration.seconds(60)
  private static let idleTime = Duration.seconds(1)
  private static let drainLimit = Duration.seconds(10)
  /// How long the clients must have got nothing, for their streams to count as drained where nobody knows the total.
  private static let calmTime = Duration.milliseconds(300)

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

  private(set) var stage = Stage.connecting
  private var stageSince: Instant
  private var lastProgressAt: Instant
  private var connects: Pace
  private var nextToConnect = 0
  var disturbances = Disturbances()
  /// How many clients have come and gone.
  var passed = 0
  private var totalBefore: UInt64?
  /// How many scores there were between the two moments.
  private var expected: UInt64?
  private var before: [ProcessSample] = []
  private var idle: [ProcessSample] = []
  private var start: [ProcessSample] = []
  private var ownStart = ProcessSample()
  private var lastAmount: (events: UInt64, at: Instant)

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
    sources = options.addressCount > 1 ? try Self.sources(options.addressCount, towards: address) : []
    tls = options.target.isTLS ? try Self.security(options) : nil
    request = options.target.request
    clients = options.counts.roles.map { LoadClient(role: $0, content: options.target.content) }
    report = LoadReport(target: options.target.description, counts: options.counts)
    connects = Pace(rate: options.connectRate, from: loop.now)
    stageSince = loop.now
    lastProgressAt = loop.now
    lastAmount = (0, loop.now)
    if let url = options.redisURL {
      feed = try ScoreFeed(url, topic: options.target.topic, loop: loop) { [weak self] in self?.fail($0) }
    }
    before = try samples()
    turn()
  }

  private static func sources(_ count: Int, towards address: SocketAddress) throws -> [SocketAddress] {
    guard address.isLocal, address.family == .ipv4 else {
      throw ConfigurationError("addresses", "is \(count), which only a server on 127.0.0.0/8 allows")
    }
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

  private func samples() throws -> [ProcessSample] {
    try options.processes.map { process in
      guard let sample = ProcessSample.read(of: process) else {
        throw ConfigurationError("pid", "names \(process), which /proc does not show")
      }
      return sample
    }
  }

  // MARK: The stages

  private func turn() {
    let elapsed = stageSince.duration(to: loop.now)
    switch stage {
    case .connecting:
      connectDue()
      let isSettled = nextToConnect == options.counts.clients && !clients.contains { $0.isUnderWay }
      if isSettled || elapsed > Self.connectLimit { enter(.idle) }
    case .idle: if elapsed > Self.idleTime { mark() }
    case .measuring:
      disturb()
      if elapsed >= .seconds(options.seconds) { endMeasuring() }
    case .draining: if isDrained || elapsed > Self.drainLimit { close() }
    case .marking, .counting, .closed: break
    }
    if stage != .closed { loop.schedule(at: loop.now.advanced(by: Self.tick)) { [weak self] in self?.turn() } }
    showProgress()
  }

  private func enter(_ next: Stage) {
    stage = next
    stageSince = loop.now
  }

  private func connectDue() {
    let rest = options.counts.clients - nextToConnect
    for _ in 0..<connects.due(at: loop.now, limit: rest) {
      open(nextToConnect)
      nextToConnect += 1
    }
  }

  /// The moment before the measuring.
  private func mark() {
    do { idle = try samples() } catch { return fail("\(error)") }
    guard let feed else { return startMeasuring() }
    enter(.marking)
    feed.readQuietTotal { [weak self] total in
      self?.totalBefore = total
      self?.startMeasuring()
    }
  }

  private func startMeasuring() {
    for index in clients.indices {
      clients[index].tally = StreamTally()
      // Who comes later has missed something.
      clients[index].wasInterrupted = clients[index].phase != .streaming
    }
    report.streaming = clients.count { $0.phase == .streaming }
    report.opened = 0
    disturbances = Disturbances(options, from: loop.now)
    do { start = try samples() } catch { return fail("\(error)") }
    ownStart = ProcessSample.read(of: ProcessInfo.processInfo.processIdentifier) ?? ProcessSample()
    enter(.measuring)
    feed?.start(rate: options.rate, probesPerSecond: options.probes)
  }

  private func endMeasuring() {
    let own = ProcessSample.read(of: ProcessInfo.processInfo.processIdentifier) ?? ProcessSample()
    report.measured = stageSince.duration(to: MonotonicClock.now())
    do {
      for (index, end) in try samples().enumerated() {
        report.processes.append(
          LoadReport.Process(
            id: options.processes[index], before: before[index], idle: idle[index], start: start[index], end: end))
      }
    } catch {
      return fail("\(error)")
    }
    for client in clients { report.tally.add(client.tally) }
    report.readerShare = Double(own.cpuNanoseconds - ownStart.cpuNanoseconds) / 1e9 / report.seconds
    feed?.stop()
    report.written = feed?.written
    guard let feed, let totalBefore else { return close() }
    enter(.counting)
    resumeHeldBack()
    feed.readQuietTotal { [weak self] total in
      guard let self else { return }
      guard let total else { return close() }
      // Tweets are not scores: how many there were, Redis does not say.
      expected = options.target.topic == nil ? total - totalBefore : nil
      lastAmount = (0, loop.now)
      enter(.draining)
    }
  }

  /// Whether all clients have what they are to get; where nobody knows that, whether none got anything of late.
  private var isDrained: Bool {
    if expected != nil { return check.isPassed }
    let events = clients.reduce(0) { $0 + $1.tally.events }
    if events != lastAmount.events { lastAmount = (events, loop.now) }
    return lastAmount.at.duration(to: loop.now) > Self.calmTime
  }

  /// Who held back need not have got every event of a stream that leaves out what it cannot deliver in time.
  private var check: LoadReport.Check {
    let isSummed = options.target.content == .scores
    let stayed = clients.filter {
      $0.phase == .streaming && !$0.wasInterrupted && (isSummed ? $0.role.stays : $0.role == .steady)
    }
    return LoadReport.Check(of: stayed.map(\.tally), expected: expected)
  }

  private func close() {
    if stage == .draining { report.check = check }
    enter(.closed)
    for slot in clients.indices where clients[slot].descriptor >= 0 { close(slot) }
    loop.schedule(at: loop.now.advanced(by: .seconds(1))) { [weak self] in
      guard let self else { return }
      for index in report.processes.indices {
        report.processes[index].after = ProcessSample.read(of: report.processes[index].id) ?? ProcessSample()
      }
      finished(.success(report))
    }
  }

  func fail(_ reason: String) {
    guard stage != .closed else { return }
    enter(.closed)
    for slot in clients.indices where clients[slot].descriptor >= 0 { close(slot) }
    finished(.failure(RunFailure(description: reason)))
  }

  private func showProgress() {
    guard StandardStream.errorIsTerminal, lastProgressAt.duration(to: loop.now) > .milliseconds(250) else { return }
    lastProgressAt = loop.now
    let streaming = clients.count { $0.phase == .streaming }
    let events = clients.reduce(0) { $0 + $1.tally.events }
    let line =
      "\(stage) \(stageSince.duration(to: loop.now).components.seconds) s · "
      + "\(NumberText.grouped(streaming)) of \(NumberText.grouped(options.counts.clients)) clients · "
      + "\(NumberText.grouped(events)) events"
    StandardStream.write(stage == .closed ? "\r\u{1b}[K" : "\r\(line)\u{1b}[K", to: 2)
  }
}

/// Why a run could not be made.
struct RunFailure: Error, Sendable, CustomStringConvertible {
  /// What happened.
  let description: String
}
