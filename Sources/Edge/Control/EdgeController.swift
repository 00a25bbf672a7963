import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// Runs the edge on the thread of the links: connects the parts, drives their timers, and passes messages between them
/// and the workers.
///
/// The parts keep their state to themselves. Updates go from ``HubLinks`` to the workers. The hubs' commands go from
/// ``HubLinks`` to ``HubCommands``, and from there to the ``LifecycleDriver`` or the workers. ``EdgeReporter`` reads
/// the state of all of them. The thread has an event loop of its own, so that a burst from a hub is decoded and
/// rendered while the workers write.
final class EdgeController: HubLinksDelegate, LifecycleDriverDelegate {
  /// How much longer than its longest drain the process may take to end, on a machine that is busy.
  private static let stopReserve = Duration.seconds(10)

  private let configuration: EdgeConfiguration
  private let mailboxes: Mailboxes
  private let loop: EventLoop
  private let links: HubLinks
  private let lifecycle: LifecycleDriver
  private let commands: HubCommands
  private let manager: ServiceManager
  private let reporter: EdgeReporter
  private let memory: MemoryWatch
  private var trimming = HeapTrimming()

  init(
    _ configuration: EdgeConfiguration, hubs: [HubConnection.Configuration], mailboxes: Mailboxes,
    probe: SocketPair, manager: ServiceManager, loop: EventLoop, logger: Logger
  ) throws {
    self.configuration = configuration
    self.manager = manager
    self.mailboxes = mailboxes
    self.loop = loop
    let network = try Network(on: loop)
    links = HubLinks(to: hubs, configuration, mailboxes: mailboxes, on: network, logger: logger)
    lifecycle = LifecycleDriver(mailboxes: mailboxes, loop: loop, logger: logger)
    commands = HubCommands(
      configuration, links: links, lifecycle: lifecycle, mailboxes: mailboxes, manager: manager,
      logger: logger)
    memory = MemoryWatch(mailboxes: mailboxes, loop: loop, logger: logger)
    reporter = EdgeReporter(
      configuration, links: links, lifecycle: lifecycle, probe: try Probe(probe, on: loop),
      memory: memory, mailboxes: mailboxes, manager: manager, loop: loop)
    links.delegate = self
    memory.changed = { [weak self] in self?.reporter.sendHealth() }
    lifecycle.delegate = self
    try loop.receive(from: mailboxes.link) { [weak self] messages in
      for message in messages { self?.received(message) }
    }
    everySecond()
    try reporter.startPushing(on: network, logger: logger)
    scheduleFileCheck()
    everyPeriodOfManager()
  }

  // MARK: Time

  private func everySecond() {
    links.secondPassed()
    configuration.checkDates(now: loop.now, unixSeconds: MonotonicClock.wallSeconds())
    configuration.ticketSecondPassed(now: loop.now)
    reporter.sendHealth()
    trimHeap()
    loop.schedule(at: loop.now.advanced(by: .seconds(1))) { [weak self] in self?.everySecond() }
  }

  /// One thread trims for all, and not a worker: it takes milliseconds, and they deliver meanwhile.
  private func trimHeap() {
    if trimming.secondPassed(handedOver: configuration.worker.register.handOverCount) {
      ProcessResources.trimHeap()
    }
  }

  /// The disk may be slow. This thread may wait for it, because the workers deliver meanwhile.
  private func scheduleFileCheck() {
    loop.schedule(at: loop.now.advanced(by: .seconds(5))) { [weak self] in
      guard let self else { return }
      configuration.checkFiles()
      scheduleFileCheck()
    }
  }

  /// Asks all workers for the sign of life that the service manager waits for. It is given when all have answered.
  private func everyPeriodOfManager() {
    guard let period = manager.period else { return }
    mailboxes.collect(for: .manager)
    loop.schedule(at: loop.now.advanced(by: period)) { [weak self] in self?.everyPeriodOfManager() }
  }

  // MARK: The workers and the process

  private func received(_ message: LinkMessage) {
    switch message {
    case .joined(let kind): links.clientJoined(kind)
    case .left(let kind): links.clientLeft(kind)
    case .requested(let client, let subscription): links.requested(client, subscription)
    case .withdrawn(let client): links.withdrawn(client)
    case .collected(let survey): collected(survey)
    case .workerFinished: lifecycle.workerFinished()
    case .reload: _ = commands.reload(for: "SIGHUP")
    case .stop:
      let settings = configuration.settings
      manager.send(
        .stopping(
          within: settings.drainAnnounce + settings.drainWindow + ReleasePace.grace + Self.stopReserve))
      lifecycle.stop(window: settings.drainWindow, announce: settings.drainAnnounce)
    }
  }

  /// All workers have added their parts.
  private func collected(_ survey: WorkerSurvey) {
    switch survey.origin {
    case .link: reporter.report(survey)
    case .push: reporter.push(survey)
    case .manager: reporter.reportLife(survey)
    case .hub(let order, let purpose): commands.finish(order, purpose, survey)
    case .client: break
    }
  }

  // MARK: The hubs

  func hubLinks(_ links: HubLinks, received command: Command, from hub: Int) {
    commands.perform(command, from: hub)
  }

  func hubLinks(_ links: HubLinks, received keys: SharedTicketKeys, from hub: Int) {
    configuration.ticketKeysReceived(keys, from: hub, now: loop.now)
  }

  func hubLinks(_ links: HubLinks, lost hub: Int) { configuration.ticketHubLost(hub, now: loop.now) }

  func hubLinksReportIsDue(_ links: HubLinks) { mailboxes.collect(for: .link) }

  func hubLinksChanged(_ links: HubLinks) { reporter.sendHealth() }

  // MARK: The lifecycle

  /// Tells the workers and the hubs at once, and not with the next second or report.
  func lifecycleChanged() {
    reporter.sendHealth()
    mailboxes.collect(for: .link)
  }

  func lifecycleEnded() {
    mailboxes.broadcast(.shutDown)
    links.shutDown()
    // The goAway is sent at the end of this turn. Meanwhile workers that have not finished close their connections.
    loop.schedule(at: loop.now.advanced(by: .milliseconds(50))) { [loop] in loop.stop() }
  }
}
