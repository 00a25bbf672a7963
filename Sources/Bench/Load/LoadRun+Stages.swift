import Glibc
import Primitives
import Reactor
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// The stages of a run, from its first client to its report.
extension LoadRun {
  private static let tick = Duration.milliseconds(10)
  private static let connectLimit = Duration.seconds(60)
  private static let idleTime = Duration.seconds(1)
  private static let drainLimit = Duration.seconds(10)
  /// How long clients must receive nothing before their streams count as drained, if the total is not known.
  private static let calmTime = Duration.milliseconds(300)

  /// Performs the present stage; reschedules itself until the end.
  func turn() {
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
    if stage != .closed {
      loop.schedule(at: loop.now.advanced(by: Self.tick)) { [weak self] in self?.turn() }
    }
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

  /// The moment before the measurement.
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
      for stream in clients[index].streams.indices { clients[index].streams[stream].tally = StreamTally() }
      // A client that connects later has missed something.
      clients[index].isLate = clients[index].phase != .streaming
      clients[index].wasInterrupted = false
      clients[index].wasReset = false
    }
    report.streaming = clients.count { $0.phase == .streaming }
    report.opened = 0
    disturbances = Disturbances(options, from: loop.now)
    do { start = try samples() } catch { return fail("\(error)") }
    ownStart = ProcessSample.read(of: ProcessInfo.processInfo.processIdentifier) ?? ProcessSample()
    enter(.measuring)
    feed?.start(rate: options.rate, probesPerSecond: options.probes)
    guard options.announces, !StandardStream.errorIsTerminal else { return }
    let streaming = NumberText.grouped(report.streaming)
    StandardStream.write("measuring \(streaming) clients for \(options.seconds) s\n", to: STDERR_FILENO)
  }

  private func endMeasuring() {
    let own = ProcessSample.read(of: ProcessInfo.processInfo.processIdentifier) ?? ProcessSample()
    report.measured = stageSince.duration(to: MonotonicClock.now())
    do {
      for (index, end) in try samples().enumerated() {
        report.processes.append(
          LoadReport.Process(
            id: options.processes[index], before: before[index], idle: idle[index], start: start[index],
            end: end))
      }
    } catch {
      return fail("\(error)")
    }
    for stream in clients.lazy.flatMap(\.streams) { report.tally.add(stream.tally) }
    report.readerShare = Double(own.cpuNanoseconds - ownStart.cpuNanoseconds) / 1e9 / report.seconds
    feed?.stop()
    report.written = feed?.written
    guard options.isFed, let feed, let totalBefore else { return close() }
    enter(.counting)
    resumeHeldBack()
    feed.readQuietTotal { [weak self] total in
      guard let self else { return }
      guard let total else { return close() }
      // Tweets are not scores: Redis does not give their number.
      expected = options.target.topic == nil ? total - totalBefore : nil
      lastEvents = (0, loop.now)
      enter(.draining)
    }
  }

  /// Whether all clients have everything; if the total is not known, whether none received anything recently.
  private var isDrained: Bool {
    if expected != nil { return check.isPassed }
    let count = eventCount
    if count != lastEvents.count { lastEvents = (count, loop.now) }
    return lastEvents.at.duration(to: loop.now) > Self.calmTime
  }

  private var check: LoadReport.Check {
    let (isSummed, isResumable) = (options.target.content == .scores, options.target.isResumable)
    let stayed = clients.filter {
      $0.hasStayed(isResumable: isResumable) && $0.role.getsAll(isSummed: isSummed, isResumable: isResumable)
    }
    return LoadReport.Check(of: stayed.flatMap(\.streams).map(\.tally), expected: expected)
  }

  private var eventCount: UInt64 { clients.lazy.flatMap(\.streams).reduce(0) { $0 + $1.tally.events } }

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
    guard StandardStream.errorIsTerminal, lastProgressAt.duration(to: loop.now) > .milliseconds(250) else {
      return
    }
    lastProgressAt = loop.now
    let streaming = clients.count { $0.phase == .streaming }
    let events = eventCount
    let line =
      "\(stage) \(stageSince.duration(to: loop.now).components.seconds) s · "
      + "\(NumberText.grouped(streaming)) of \(NumberText.grouped(options.counts.clients)) clients · "
      + "\(NumberText.grouped(events)) events"
    StandardStream.write(stage == .closed ? "\r\u{1b}[K" : "\r\(line)\u{1b}[K", to: STDERR_FILENO)
  }
}
