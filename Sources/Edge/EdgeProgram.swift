import EdgeCore
import Foundation
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// `emojitrack-edge`: reads the settings, opens the listeners, starts the workers, and runs the link until it is told
/// to stop.
@main
enum EdgeProgram {
  static func main() {
    Program.run(EdgeDeclaration.self, check: EdgeCheck.examine, run)
  }

  private static func run(_ settings: EdgeSettings, _ logger: Logger) throws {
    // Passed sockets have fixed descriptor numbers, so they are taken before anything else opens one.
    let passed = try PassedSockets(environment: ProcessInfo.processInfo.environment)
    let descriptorLimit = ProcessResources.raiseDescriptorLimit()
    let link = try linkConfiguration(settings, descriptorLimit: descriptorLimit)
    let mailboxes = try Mailboxes(workerCount: settings.workers)
    let terms = try EdgeTerms(
      settings, node: link.node.description, descriptorLimit: descriptorLimit, logger)
    let opening = EdgeDoors(settings: settings, passed: passed, logger: logger)
    let secure = opening.areSecure ? try SecureContext(settings) : nil
    let doors = try opening.open(secure: secure)
    let probe = try SocketPair()

    for index in 0..<settings.workers {
      try LoopThread.start("worker-\(index)", ownsDescriptors: true) {
        do {
          let loop = try EventLoop()
          let worker = try Worker(
            index: index, configuration: terms.worker, mailboxes: mailboxes, loop: loop, logger: logger)
          for door in doors { try worker.listen(on: door.socket(of: index), door.wrapping) }
          if index == 0 { try worker.serveProbe(probe) }
          loop.run()
        } catch {
          logger.critical("a worker cannot start: \(error)")
          exit(EXIT_FAILURE)
        }
      }
    }

    let loop = try EventLoop()
    let driver = try LinkDriver(
      link, terms: terms, mailboxes: mailboxes, secure: secure, probe: probe, loop: loop, logger: logger)
    Signals.deliver { signal in
      if signal == .hangUp { mailboxes.link.post(.reload) } else { mailboxes.link.post(.stop) }
    }
    logger.info(
      "started",
      metadata: [
        "node": "\(link.node)",
        "listen": "\(doors.map(\.sockets[0].address.description).joined(separator: ","))",
        "hub": "\(settings.hubs.map(\.description).joined(separator: ","))", "workers": "\(settings.workers)",
        "clients_maximum": "\(terms.worker.clientsMaximum)",
        "version": "\(ServiceVersion.current)",
      ])
    withExtendedLifetime(driver) { loop.run() }
    logger.info("stopped")
  }

  private static func linkConfiguration(
    _ settings: EdgeSettings, descriptorLimit: Int
  ) throws -> LinkDriver.Configuration {
    let credentials = try LinkCredentials(settings)
    guard let node = NodeName(credentials.holder) else {
      throw ConfigurationError(
        "tls.certificate", "names '\(credentials.holder)', which is not a host name of at most 63 bytes")
    }
    guard let version = SoftwareVersion(ServiceVersion.current) else {
      preconditionFailure("our own version is not one")
    }
    return LinkDriver.Configuration(
      hubs: try hubConfigurations(settings, credentials: credentials), credentials: credentials, node: node,
      softwareVersion: version, interestLinger: settings.interestLinger, workerCount: settings.workers,
      descriptorLimit: descriptorLimit, push: settings.pushTargets)
  }

  /// The hubs of the settings, each with the name that its certificate must have.
  static func hubConfigurations(
    _ settings: EdgeSettings, credentials: LinkCredentials
  ) throws -> [HubConnection.Configuration] {
    let names = settings.hubNames ?? settings.hubs.map(\.host)
    guard names.count == settings.hubs.count || names.count == 1 else {
      throw ConfigurationError(
        "hub.name",
        "has \(names.count) names for \(settings.hubs.count) hubs: give one for all, or one for each")
    }
    return try settings.hubs.enumerated().map { index, address in
      let name = names[names.count == 1 ? 0 : index]
      guard let serverName = ServerName(name) else {
        throw ConfigurationError("hub.name", "is '\(name)', which is no name that a certificate can bear")
      }
      return HubConnection.Configuration(address: address, name: serverName, credentials: credentials)
    }
  }
}
