import Glibc
import HubCore
import Logging
import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport
import Wire

/// `emojitrack-hub`: reads the settings, opens the listeners, and runs the loop until a signal stops it.
@main
enum HubProgram {
  static func main() {
    Program.run(
      HubDeclaration.self, check: HubCheck.check, healthCheck: HubCheck.checkReadiness, run)
  }

  private static func run(_ settings: HubSettings, _ logger: Logger) throws {
    let addresses = try HubAddresses(settings)
    let doors = try AdminCredentials(settings)
    let linkFiles = try linkFiles(settings)
    let node = try node(of: linkFiles.value)
    let redis = try ConfigurationError.naming("redis.url") { try FeedSource(settings.redisURL) }
    let names = settings.feedNames
    if let (first, second) = names.conflict {
      throw ConfigurationError("redis.key, redis.channel", "do not tell '\(first)' and '\(second)' apart")
    }

    _ = ProcessResources.raiseDescriptorLimit()
    let manager = ServiceManager()
    let loop = try EventLoop()
    let credentials = HubCredentials(link: linkFiles, doors: doors)
    let server = try HubServer(
      HubConfiguration(settings, credentials, manager: manager, logger: logger), node: node, redis: redis,
      names: names, manager: manager, loop: loop, logger: logger)
    let signals = try Mailbox<ProcessSignal>()
    try loop.receive(from: signals) { received in
      if received.contains(where: { $0 != .hangUp }) { return server.shutDown() }
      // A mailbox may wake its loop for nothing.
      if received.contains(.hangUp) { server.reload() }
    }
    Signals.deliver { signals.post($0) }
    try server.start(on: addresses)
    logger.info(
      "started",
      metadata: ["node": "\(node)", "redis": "\(settings.redisURL)", "version": "\(ServiceVersion.current)"])
    loop.run()
    logger.info("stopped")
  }

  /// The TLS of the link. It follows its files as long as the certificate has the same name.
  static func linkFiles(_ settings: HubSettings) throws -> Reloadable<TLSContext> {
    let (certificate, key, authority) = (settings.certificate, settings.privateKey, settings.authority)
    let holder = try ConfigurationError.naming("tls.certificate, tls.key") {
      try Identity(certificateFile: certificate, keyFile: key).certificate.holder
    }
    let revocations = settings.revocations
    return try ConfigurationError.naming("tls.certificate, tls.authority, tls.revocations") {
      try .context(files: [certificate, key, authority] + [revocations].compactMap(\.self)) {
        let identity = try Identity(certificateFile: certificate, keyFile: key)
        guard identity.certificate.holder.utf8.elementsEqual(holder.utf8) else {
          throw ConfigurationError(certificate, "names '\(identity.certificate.holder)', not '\(holder)'")
        }
        return try .linkServer(
          identity: identity, authority: authority, revocations: revocations,
          alpn: RelayProtocol.applicationProtocolName)
      }
    }
  }

  private static func node(of context: TLSContext) throws -> NodeName {
    let holder = context.certificate?.holder ?? ""
    guard let node = NodeName(holder) else {
      throw ConfigurationError(
        "tls.certificate", "names '\(holder)', which is not a host name of at most 63 bytes")
    }
    return node
  }
}
