import EdgeCore
import Glibc
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Uring
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `emojitrack-edge`: reads the settings, opens the listeners, starts the workers, and runs the link until a signal
/// stops it.
@main
enum EdgeProgram {
  static func main() {
    Program.run(
      EdgeDeclaration.self, check: EdgeCheck.check, healthCheck: EdgeCheck.checkReadiness, run)
  }

  private static func run(_ settings: EdgeSettings, _ logger: Logger) throws {
    // Passed sockets have fixed descriptor numbers, so they are taken before anything else opens one.
    let passed = try PassedSockets(environment: ProcessInfo.processInfo.environment)
    let descriptorLimit = ProcessResources.raiseDescriptorLimit()
    let link = try LinkCredentials(settings)
    let node = try node(of: link)
    let hubs = try hubConfigurations(settings, credentials: link)
    let mailboxes = try Mailboxes(workerCount: settings.workers)
    let listening = ClientListeners(settings: settings, passed: passed, logger: logger)
    let secure = listening.areSecure ? try SecureContext(settings) : nil
    let configuration = try EdgeConfiguration(
      settings, node: node, EdgeCredentials(link: link, clients: secure), descriptorLimit: descriptorLimit,
      logger: logger)
    let listeners = try listening.open(secure: secure)
    let probe = try SocketPair()

    tellWhetherRingsWork(settings, logger)
    for index in 0..<settings.workers {
      try startWorker(
        index, configuration.worker, mailboxes, listeners, probe: index == 0 ? probe : nil, logger)
    }
    let loop = try EventLoop()
    let controller = try EdgeController(
      configuration, hubs: hubs, mailboxes: mailboxes, probe: probe, manager: ServiceManager(), loop: loop,
      logger: logger)
    Signals.deliver { signal in
      if signal == .hangUp { mailboxes.link.post(.reload) } else { mailboxes.link.post(.stop) }
    }
    logger.info(
      "started",
      metadata: [
        "node": "\(node)",
        "listen": "\(listeners.map(\.sockets[0].address.description).joined(separator: ","))",
        "hub": "\(settings.hubs.map(\.description).joined(separator: ","))", "workers": "\(settings.workers)",
        "clients_maximum": "\(configuration.worker.clientsMaximum)",
        "version": "\(ServiceVersion.current)",
      ])
    withExtendedLifetime(controller) { loop.run() }
    logger.info("stopped")
  }

  /// Once, instead of a line for each worker: each tries for itself.
  private static func tellWhetherRingsWork(_ settings: EdgeSettings, _ logger: Logger) {
    guard settings.usesRing else { return }
    do {
      _ = try SendRing()
    } catch {
      logger.info(
        "io_uring cannot be used here: each client costs a system call of its own",
        metadata: ["reason": "\(error)"])
    }
  }

  /// Starts the thread of a worker.
  ///
  /// - Parameter probe: for the worker that serves the probe.
  private static func startWorker(
    _ index: Int, _ configuration: Worker.Configuration, _ mailboxes: Mailboxes,
    _ listeners: [ClientListener], probe: SocketPair?, _ logger: Logger
  ) throws {
    try LoopThread.start("worker-\(index)", ownsDescriptors: true) {
      do {
        let loop = try EventLoop()
        let worker = try Worker(
          index: index, configuration: configuration, mailboxes: mailboxes, loop: loop, logger: logger)
        for listener in listeners {
          try worker.listen(on: listener.socket(of: index), listener.listenerOptions)
        }
        if let probe { try worker.serveProbe(probe) }
        loop.run()
      } catch {
        logger.critical("a worker cannot start: \(error)")
        exit(EXIT_FAILURE)
      }
    }
  }

  /// The edge's name, from its certificate.
  private static func node(of credentials: LinkCredentials) throws -> NodeName {
    guard let node = NodeName(credentials.holder) else {
      throw ConfigurationError(
        "tls.certificate", "names '\(credentials.holder)', which is not a host name of at most 63 bytes")
    }
    return node
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
        throw ConfigurationError(
          "hub.name", "is '\(name)', which is not a name that a certificate can contain")
      }
      return HubConnection.Configuration(address: address, name: serverName, credentials: credentials)
    }
  }
}
