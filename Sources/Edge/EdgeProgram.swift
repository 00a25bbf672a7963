import EdgeCore
import Glibc
import HTTP
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// `emojitrack-edge`: reads the settings, opens what they name, starts the workers, and holds the link until it is
/// told to stop.
@main
enum EdgeProgram {
  /// Descriptors that are not for clients: listeners, the link, loops, mailboxes, libraries.
  private static let descriptorReserve = 64

  static func main() {
    Program.run(EdgeDeclaration.self, check: EdgeCheck.examine, run)
  }

  private static func run(_ settings: EdgeSettings, _ logger: Logger) throws {
    let descriptorLimit = ProcessResources.raiseDescriptorLimit()
    let link = try linkConfiguration(settings, descriptorLimit: descriptorLimit)
    let mailboxes = try Mailboxes(workerCount: settings.workers)
    let worker = try workerConfiguration(settings, node: link.node, descriptorLimit: descriptorLimit, logger)
    let secure = try SecureContext(settings)
    let doors = try openDoors(settings, secure: secure)

    for index in 0..<settings.workers {
      try LoopThread.start("worker-\(index)", ownsDescriptors: true) {
        do {
          let loop = try EventLoop()
          let worker = try Worker(
            index: index, configuration: worker, mailboxes: mailboxes, loop: loop, logger: logger)
          for door in doors { try worker.listen(on: door.socket(of: index), door.wrapping) }
          loop.run()
        } catch {
          logger.critical("a worker cannot start: \(error)")
          exit(EXIT_FAILURE)
        }
      }
    }

    let loop = try EventLoop()
    let driver = try LinkDriver(link, mailboxes: mailboxes, secure: secure, loop: loop, logger: logger)
    Signals.deliver { signal in
      if signal == .hangUp { mailboxes.link.post(.reload) } else { mailboxes.link.post(.shutDown) }
    }
    logger.info(
      "started",
      metadata: [
        "node": "\(link.node)", "listen": "\(settings.listen.map(\.description).joined(separator: ","))",
        "hub": "\(settings.hubs.map(\.description).joined(separator: ","))", "workers": "\(settings.workers)",
        "clients_maximum": "\(worker.clientsMaximum)",
        "version": "\(ServiceVersion.current)",
      ])
    withExtendedLifetime(driver) { loop.run() }
    logger.info("stopped")
  }

  private static func linkConfiguration(
    _ settings: EdgeSettings, descriptorLimit: Int
  ) throws -> LinkDriver.Configuration {
    let identity = try ConfigurationError.naming("tls.certificate, tls.key") {
      try Identity(certificateFile: settings.certificate, keyFile: settings.privateKey)
    }
    let context = try ConfigurationError.naming("tls.certificate, tls.authority") {
      try TLSContext.linkClient(
        identity: identity, authority: settings.authority, alpn: RelayProtocol.applicationProtocolName)
    }
    guard let node = NodeName(identity.certificate.holder) else {
      throw ConfigurationError(
        "tls.certificate",
        "names '\(identity.certificate.holder)', which is not a host name of at most 63 bytes")
    }
    guard let version = SoftwareVersion(ServiceVersion.current) else {
      preconditionFailure("our own version is not one")
    }
    return LinkDriver.Configuration(
      hubs: try hubConfigurations(settings, context: context), node: node, softwareVersion: version,
      interestLinger: settings.interestLinger, workerCount: settings.workers,
      descriptorLimit: descriptorLimit, push: settings.pushTargets)
  }

  /// The hubs, each with the name that it must show.
  static func hubConfigurations(
    _ settings: EdgeSettings, context: TLSContext
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
      return HubConnection.Configuration(address: address, name: serverName, context: context)
    }
  }

  private static func workerConfiguration(
    _ settings: EdgeSettings, node: NodeName, descriptorLimit: Int, _ logger: Logger
  ) throws -> Worker.Configuration {
    let room = descriptorLimit - descriptorReserve - settings.workers * (Worker.refusalReserve + 4)
    guard room > 0 else {
      throw ConfigurationError(
        "workers", "is \(settings.workers), for which \(descriptorLimit) open files are too few")
    }
    let wished = settings.clientsMaximum ?? room
    if wished > room {
      logger.warning(
        "fewer clients than configured: the limit of open files allows no more",
        metadata: ["clients.maximum": "\(wished)", "allowed": "\(room)", "open_files": "\(descriptorLimit)"])
    }
    let limits = ClientLimits(
      clientsMaximum: min(wished, room), perAddressMaximum: settings.clientsPerAddress,
      unlimited: settings.trustedProxies)
    guard let origin = FieldValue(checking: settings.corsOrigin) else {
      throw ConfigurationError("cors.origin", "is no value of a header field")
    }
    guard let retry = RetryDelay(milliseconds: Int(settings.retry.wholeMilliseconds)) else {
      throw ConfigurationError("retry", "is not from 1s to 600s")
    }
    return Worker.Configuration(
      node: node.description, workerCount: settings.workers, clientsMaximum: min(wished, room),
      register: ClientRegister(limits: limits), trustedProxies: settings.trustedProxies,
      trustsUnixPeer: settings.trustsUnixProxy,
      session: SessionOptions(offersAllDetails: settings.detailsAllEnabled, allowOrigin: origin),
      opening: StreamOpening(allowOrigin: origin, retry: retry),
      refusal: Refusal(allowOrigin: origin, retry: retry), headLimit: settings.headTimeout,
      handshakeLimit: settings.handshakeTimeout,
      keepAlive: settings.keepAlive, lagMaximum: settings.lagMaximum)
  }

  /// An address at which clients are accepted.
  private struct Door: Sendable {
    /// One for each worker, among which the kernel spreads the clients. A unix socket has no such thing: there all
    /// workers accept from the same one.
    let sockets: [ListeningSocket]
    /// What is around the bytes of those who come in here.
    let wrapping: Wrapping

    func socket(of worker: Int) -> ListeningSocket { sockets[worker % sockets.count] }
  }

  private static func openDoors(_ settings: EdgeSettings, secure: SecureContext?) throws -> [Door] {
    let needsProxies = [
      ("listen.proxy", settings.requiresProxyHeader), ("https.proxy", settings.secureRequiresProxyHeader),
    ]
    for (key, isWanted) in needsProxies where isWanted && settings.trustedProxies == .empty {
      let hasSocket = settings.listen.contains {
        if case .unix = $0 { settings.trustsUnixProxy } else { false }
      }
      guard hasSocket else {
        throw ConfigurationError(key, "needs proxy.trusted: a PROXY header is believed from nobody else")
      }
    }
    let plain = Wrapping(secure: nil, requiresProxyHeader: settings.requiresProxyHeader)
    let wrapped = Wrapping(secure: secure, requiresProxyHeader: settings.secureRequiresProxyHeader)
    return try doors("listen", settings.listen, settings, plain)
      + doors("https.listen", settings.secureListen ?? [], settings, wrapped)
  }

  private static func doors(
    _ key: String, _ listen: [ListenAddress], _ settings: EdgeSettings, _ wrapping: Wrapping
  ) throws -> [Door] {
    let addresses = try ConfigurationError.naming(key) { try listen.flatMap(SocketAddress.all) }
    return try addresses.map { address in
      let first = try ListeningSocket(on: address, sharesPort: settings.workers > 1)
      guard address.family != .unix else { return Door(sockets: [first], wrapping: wrapping) }
      // The first one's address, not the asked one: port 0 is chosen once.
      let others = try (1..<settings.workers).map { _ in
        try ListeningSocket(on: first.address, sharesPort: true)
      }
      return Door(sockets: [first] + others, wrapping: wrapping)
    }
  }
}
